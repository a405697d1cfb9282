#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace rollcall::http {

/// How long a Retry-After header asks to wait, counted from `now`: whole seconds, or a date in one of the three forms
/// of RFC 9110 section 5.6.7. Nothing when the header is empty, malformed, negative or in the past. What is returned
/// can be as long as the sender liked; putting a bound on it is left to whoever waits.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view value, std::chrono::sys_seconds now);

/// Reads a date of HTTP: "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT" or "Sun Nov  6 08:49:37
/// 1994". The day of the week is not compared with the date.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text);

}  // namespace rollcall::http
