#include "lib/base/duration.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>

namespace rollcall {
namespace {

struct unit {
  std::string_view name;
  int64_t milliseconds;
  bool only_evenly;  // Printed only when it divides what is left.
};

constexpr int64_t day = 24 * 60 * 60 * 1000;
constexpr std::array<unit, 7> units = {{{"y", 365 * day, true},
                                        {"w", 7 * day, true},
                                        {"d", day, false},
                                        {"h", 60 * 60 * 1000, false},
                                        {"m", 60 * 1000, false},
                                        {"s", 1000, false},
                                        {"ms", 1, false}}};

// Prometheus holds durations in nanoseconds.
constexpr int64_t milliseconds_max = std::numeric_limits<int64_t>::max() / 1'000'000;

tl::unexpected<error> not_a_duration(std::string_view text) {
  return fail(errc::syntax, fmt::format("not a valid duration string: \"{}\"", text));
}

}  // namespace

result<milliseconds> parse_duration(std::string_view text) {
  if (text.empty()) return fail(errc::syntax, "empty duration string");
  if (text == "0") return milliseconds(0);
  int64_t total = 0;
  size_t next_unit = 0;
  bool too_long = false;
  for (auto rest = text; !rest.empty();) {
    auto digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    auto name = rest.substr(digits);
    name = name.substr(0, std::min(name.find_first_of("0123456789"), name.size()));
    while (next_unit < units.size() && units[next_unit].name != name) ++next_unit;
    if (digits == 0 || next_unit == units.size()) return not_a_duration(text);
    uint64_t count = 0;
    auto parsed = std::from_chars(rest.data(), rest.data() + digits, count);
    const int64_t length = units[next_unit++].milliseconds;
    if (parsed.ec != std::errc{} || count > static_cast<uint64_t>((milliseconds_max - total) / length))
      too_long = true;
    else
      total += static_cast<int64_t>(count) * length;
    rest.remove_prefix(digits + name.size());
  }
  if (too_long) return fail(errc::limit_exceeded, "duration out of range");
  return milliseconds(total);
}

std::string format_duration(milliseconds duration) {
  auto left = duration.count();
  if (left == 0) return "0s";
  std::string out;
  if (left < 0) {
    out = "-";
    left = -left;
  }
  for (const auto& [name, length, only_evenly] : units) {
    if (only_evenly && left % length != 0) continue;
    if (auto count = left / length; count > 0) out += fmt::format("{}{}", count, name);
    left %= length;
  }
  return out;
}

}  // namespace rollcall
