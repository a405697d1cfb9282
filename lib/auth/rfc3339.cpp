#include "lib/auth/rfc3339.hpp"

#include "lib/base/ascii.hpp"

#include <ctime>
#include <string_view>

namespace rollcall::auth {

namespace {

// In the year 2255: what is later does not fit into the system's clock.
constexpr std::time_t seconds_max = 9'000'000'000;

std::string_view without_fraction(std::string_view rest) {
  if (!rest.starts_with('.')) return rest;
  size_t end = 1;
  while (end < rest.size() && is_digit(rest[end])) ++end;
  return end == 1 ? std::string_view() : rest.substr(end);
}

// How far local time is ahead, in seconds: of "Z", "+hh:mm" and "-hh:mm".
std::optional<std::time_t> read_offset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  bool has_form = text.size() == 6 && (text[0] == '+' || text[0] == '-') && text[3] == ':' && is_digit(text[1]) &&
                  is_digit(text[2]) && is_digit(text[4]) && is_digit(text[5]);
  if (!has_form) return std::nullopt;
  const int hours = (text[1] - '0') * 10 + (text[2] - '0');
  const int minutes = (text[4] - '0') * 10 + (text[5] - '0');
  if (hours > 23 || minutes > 59) return std::nullopt;
  const std::time_t ahead = (hours * 60 + minutes) * 60;
  return text[0] == '-' ? -ahead : ahead;
}

}  // namespace

std::optional<time_point> read_rfc3339(const std::string& text) {
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (end == nullptr) return std::nullopt;
  const auto offset = read_offset(without_fraction(std::string_view(text).substr(end - text.c_str())));
  if (!offset) return std::nullopt;
  const std::time_t seconds = ::timegm(&parts) - *offset;
  if (seconds < 0 || seconds >= seconds_max) return std::nullopt;
  return std::chrono::system_clock::from_time_t(seconds);
}

}  // namespace rollcall::auth
