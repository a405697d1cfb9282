#include "lib/series/target_labels.hpp"

#include "lib/base/assert.hpp"

#include <protozero/buffer_string.hpp>
#include <protozero/varint.hpp>

#include <algorithm>

namespace rollcall::series {

namespace {

constexpr char pair_tag = 0x0A;
constexpr char name_tag = 0x0A;
constexpr char value_tag = 0x12;

void append_length(std::string& out, size_t length) { protozero::add_varint_to_buffer(&out, length); }

std::string_view take_field(std::string_view& rest, char tag) {
  ROLLCALL_ASSERT(!rest.empty() && rest.front() == tag);
  const char* at = rest.data() + 1;
  const char* end = rest.data() + rest.size();
  uint64_t length = protozero::decode_varint(&at, end);
  ROLLCALL_ASSERT(length <= static_cast<uint64_t>(end - at));
  std::string_view field(at, length);
  rest.remove_prefix(static_cast<size_t>(at - rest.data()) + length);
  return field;
}

}  // namespace

void encode_pair(std::string& out, std::string_view name, std::string_view value) {
  size_t bytes = 2 + static_cast<size_t>(protozero::length_of_varint(name.size())) + name.size() +
                 static_cast<size_t>(protozero::length_of_varint(value.size())) + value.size();
  out += pair_tag;
  append_length(out, bytes);
  out += name_tag;
  append_length(out, name.size());
  out += name;
  out += value_tag;
  append_length(out, value.size());
  out += value;
}

label decode_pair(std::string_view encoded) {
  std::string_view pair = take_field(encoded, pair_tag);
  std::string_view name = take_field(pair, name_tag);
  std::string_view value = take_field(pair, value_tag);
  return {name, value};
}

target_labels::target_labels(labels set) : set_(std::move(set)) {
  offsets_.push_back(0);
  for (auto [name, value] : set_) {
    slots_.push_back({name, value});
    encode_pair(encoded_, name, value);
    offsets_.push_back(static_cast<uint32_t>(encoded_.size()));
    slot_names_ += name;
    slot_names_ += '\xFF';
  }
  encoded_.shrink_to_fit();
  slot_names_.shrink_to_fit();
  slots_.shrink_to_fit();
  offsets_.shrink_to_fit();
}

int target_labels::slot_of(std::string_view name) const {
  auto at = std::lower_bound(slots_.begin(), slots_.end(), name,
                             [](const label& left, std::string_view right) { return left.name < right; });
  return at != slots_.end() && at->name == name ? static_cast<int>(at - slots_.begin()) : -1;
}

std::string_view target_labels::encoded(size_t slot) const {
  return std::string_view(encoded_).substr(offsets_[slot], offsets_[slot + 1] - offsets_[slot]);
}

}  // namespace rollcall::series
