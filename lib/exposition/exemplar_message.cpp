#include "lib/exposition/exemplar_message.hpp"

#include "lib/base/utf8.hpp"
#include "lib/exposition/number.hpp"
#include "lib/exposition/wire_fields.hpp"

#include <bit>

namespace rollcall::exposition {

namespace {

using wire::bytes;
using wire::fixed64;
using wire::varint;

// The highest field numbers that have a meaning.
constexpr uint32_t label_pair_last = 2;
constexpr uint32_t exemplar_last = 3;
constexpr uint32_t timestamp_last = 2;

struct label_pair {
  std::string_view name;
  std::string_view value;
};

bool read_label(std::string_view message, label_pair& label) {
  wire_fields fields(message);
  while (fields.next()) {
    switch (fields.tag()) {
      case bytes(1):
        label.name = fields.bytes();
        break;
      case bytes(2):
        label.value = fields.bytes();
        break;
      default:
        if (fields.number() <= label_pair_last) return false;
    }
  }
  return !fields.failed();
}

bool is_valid(const label_pair& label) {
  return !label.name.empty() && is_valid_utf8(label.name) && is_valid_utf8(label.value);
}

}  // namespace

std::optional<int64_t> read_timestamp(std::string_view message) {
  uint64_t seconds = 0;
  int64_t nanoseconds = 0;
  wire_fields fields(message);
  while (fields.next()) {
    switch (fields.tag()) {
      case varint(1):
        seconds = fields.value();
        break;
      case varint(2):
        nanoseconds = static_cast<int32_t>(fields.value());
        break;
      default:
        if (fields.number() <= timestamp_last) return std::nullopt;
    }
  }
  if (fields.failed()) return std::nullopt;
  return static_cast<int64_t>(seconds * 1000 + static_cast<uint64_t>(nanoseconds / 1'000'000));
}

std::optional<exemplar> read_exemplar(std::string_view message) {
  exemplar read;
  wire_fields fields(message);
  while (fields.next()) {
    switch (fields.tag()) {
      case bytes(1): {
        label_pair label;
        if (!read_label(fields.bytes(), label) || !is_valid(label)) return std::nullopt;
        read.labels.emplace_back(label.name, label.value);
        break;
      }
      case fixed64(2):
        read.value_bits = value_bits_of(std::bit_cast<double>(fields.value()));
        break;
      case bytes(3):
        read.timestamp = read_timestamp(fields.bytes());
        if (!read.timestamp) return std::nullopt;
        break;
      default:
        if (fields.number() <= exemplar_last) return std::nullopt;
    }
  }
  if (fields.failed()) return std::nullopt;
  return read;
}

bool are_valid_labels(std::string_view run) {
  for (wire_fields fields(run); fields.next();) {
    label_pair label;
    if (!read_label(fields.bytes(), label) || !is_valid(label)) return false;
  }
  return true;
}

void append_label_run(std::vector<std::pair<std::string, std::string>>& out, std::string_view run) {
  for (wire_fields fields(run); fields.next();) {
    label_pair label;
    read_label(fields.bytes(), label);
    out.emplace_back(label.name, label.value);
  }
}

}  // namespace rollcall::exposition
