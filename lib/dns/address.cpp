#include "lib/dns/address.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rollcall::dns {

namespace {

constexpr size_t groups_count = 8;
using groups_type = std::array<uint16_t, groups_count>;

struct zero_run {
  size_t begin = groups_count;
  size_t length = 0;
};

/// The longest run of two or more zero groups, the first of equals.
zero_run longest_zero_run(const groups_type& groups) {
  zero_run best;
  for (size_t i = 0; i < groups_count;) {
    size_t end = i;
    while (end < groups_count && groups[end] == 0) ++end;
    if (end - i >= 2 && end - i > best.length) best = {i, end - i};
    i = end + 1;
  }
  return best;
}

bool is_mapped(std::span<const uint8_t, 16> address) {
  auto is_zero = [](uint8_t byte) { return byte == 0; };
  return std::all_of(address.begin(), address.begin() + 10, is_zero) && address[10] == 0xff && address[11] == 0xff;
}

}  // namespace

std::string format_address(std::span<const uint8_t, 4> address) {
  return fmt::format("{}.{}.{}.{}", address[0], address[1], address[2], address[3]);
}

std::string format_address(std::span<const uint8_t, 16> address) {
  if (is_mapped(address)) return format_address(address.last<4>());
  groups_type groups{};
  for (size_t i = 0; i < groups_count; ++i) groups[i] = static_cast<uint16_t>(address[2 * i] << 8 | address[2 * i + 1]);
  auto run = longest_zero_run(groups);
  std::string text;
  for (size_t i = 0; i < groups_count; ++i) {
    if (i == run.begin) {
      text += "::";
      i += run.length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    fmt::format_to(std::back_inserter(text), "{:x}", groups[i]);
  }
  return text;
}

}  // namespace rollcall::dns
