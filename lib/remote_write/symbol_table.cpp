#include "lib/remote_write/symbol_table.hpp"

#include "lib/remote_write/growing_buffer.hpp"
#include "lib/series/text_hash.hpp"

#include <algorithm>

namespace rollcall::remote_write {

namespace {

constexpr size_t slots_min = 1024;
constexpr char symbol_tag = 0x22;

}  // namespace

void symbol_table::clear() {
  encoded_.clear();
  places_.clear();
  std::fill(slots_.begin(), slots_.end(), slot{});
  if (slots_.empty()) slots_.resize(slots_min);
  add({});
}

uint32_t symbol_table::add(std::string_view text) {
  char length[10];
  encoded_ += symbol_tag;
  encoded_.append(length, static_cast<size_t>(write_varint(length, text.size()) - length));
  places_.push_back({encoded_.size(), text.size()});
  encoded_ += text;
  return static_cast<uint32_t>(places_.size() - 1);
}

uint32_t symbol_table::ref_of(std::string_view text) {
  if (text.empty()) return 0;
  if (2 * places_.size() >= slots_.size()) grow();
  auto hash = series::hash_text(text, series::process_hash_secret());
  auto mark = static_cast<uint32_t>(hash >> 32);
  size_t mask = slots_.size() - 1;
  size_t i = hash & mask;
  for (; slots_[i].ref_plus_one != 0; i = (i + 1) & mask) {
    if (slots_[i].hash == mark && at(slots_[i].ref_plus_one - 1) == text) return slots_[i].ref_plus_one - 1;
  }
  auto ref = add(text);
  slots_[i] = {mark, ref + 1};
  return ref;
}

void symbol_table::grow() {
  std::vector<slot> wider(2 * slots_.size());
  size_t mask = wider.size() - 1;
  for (uint32_t ref = 1; ref < places_.size(); ++ref) {
    auto hash = series::hash_text(at(ref), series::process_hash_secret());
    size_t i = hash & mask;
    while (wider[i].ref_plus_one != 0) i = (i + 1) & mask;
    wider[i] = {static_cast<uint32_t>(hash >> 32), ref + 1};
  }
  slots_ = std::move(wider);
}

}  // namespace rollcall::remote_write
