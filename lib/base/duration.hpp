#pragma once

#include "lib/base/result.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace rollcall {

using std::chrono::milliseconds;

/// Parses a duration as Prometheus writes it: "1h30m", "15s", "500ms", "0"; units y w d h m s ms, each at most once and
/// in that order (a year has 365 days). Errors: errc::syntax, or errc::limit_exceeded beyond 2^63 ns as Prometheus has
/// it.
result<milliseconds> parse_duration(std::string_view text);

/// The shortest text that parse_duration reads back to the same value, as Prometheus prints it: "1m30s", "0s".
/// Years and weeks are used only when they divide the rest evenly: 90 days is "90d", 14 days is "2w".
std::string format_duration(milliseconds duration);

}  // namespace rollcall
