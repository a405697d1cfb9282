#include "lib/base/byte_size.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>

namespace rollcall {
namespace {

constexpr std::string_view prefixes = "KMGTPE";

/// The bytes of a unit, or 0 when there is no such unit.
uint64_t unit_bytes(std::string_view name) {
  if (name == "B") return 1;
  auto power = name.empty() ? std::string_view::npos : prefixes.find(name.front());
  if (power == std::string_view::npos || (name.substr(1) != "B" && name.substr(1) != "iB")) return 0;
  return uint64_t{1} << (10 * (power + 1));
}

/// One `<number><unit>` from the front of the text.
result<uint64_t> take_part(std::string_view& rest, std::string_view text) {
  auto digits = std::min(rest.find_first_not_of("0123456789."), rest.size());
  auto name = rest.substr(digits);
  name = name.substr(0, std::min(name.find_first_of("0123456789."), name.size()));
  double number = 0;
  auto [end, failure] = std::from_chars(rest.data(), rest.data() + digits, number, std::chars_format::fixed);
  if (digits == 0 || failure != std::errc{} || end != rest.data() + digits)
    return fail(errc::syntax, fmt::format("units: invalid {}", text));
  if (name.empty()) return fail(errc::syntax, fmt::format("units: missing unit in {}", text));
  auto unit = unit_bytes(name);
  if (unit == 0) return fail(errc::syntax, fmt::format("units: unknown unit {} in {}", name, text));
  // A whole number must not lose digits on its way through a double.
  uint64_t whole = 0;
  auto exact = std::from_chars(rest.data(), rest.data() + digits, whole);
  bool is_whole = exact.ec == std::errc{} && exact.ptr == rest.data() + digits;
  rest.remove_prefix(digits + name.size());
  constexpr auto bytes_max = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (is_whole ? whole > bytes_max / unit : number * static_cast<double>(unit) >= static_cast<double>(bytes_max))
    return fail(errc::syntax, fmt::format("units: {} is too large", text));
  return is_whole ? whole * unit : static_cast<uint64_t>(number * static_cast<double>(unit));
}

}  // namespace

result<uint64_t> parse_byte_size(std::string_view text) {
  if (text == "0") return 0;
  if (text.empty()) return fail(errc::syntax, "units: invalid ");
  uint64_t total = 0;
  for (auto rest = text; !rest.empty();) {
    auto part = take_part(rest, text);
    if (!part) return part;
    if (*part > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) - total)
      return fail(errc::syntax, fmt::format("units: {} is too large", text));
    total += *part;
  }
  return total;
}

std::string format_byte_size(uint64_t bytes) {
  if (bytes == 0) return "0B";
  size_t power = 0;
  while (power < prefixes.size() && bytes % 1024 == 0) {
    bytes /= 1024;
    ++power;
  }
  return power == 0 ? fmt::format("{}B", bytes) : fmt::format("{}{}iB", bytes, prefixes[power - 1]);
}

}  // namespace rollcall
