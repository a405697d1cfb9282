#pragma once

#include <cstdint>
#include <string>

namespace rollcall::web {

/// A time (milliseconds since the Unix epoch) as Go's RFC 3339 with nanoseconds in UTC: "2026-11-23T16:08:15.7Z",
/// without trailing zeros. 0 stands for never and gives Go's zero time, "0001-01-01T00:00:00Z".
std::string format_time(int64_t milliseconds);

/// How long, for people: "4.2s", "3m 20s", "2h 5m". What is negative is no time at all.
std::string format_age(int64_t milliseconds);

}  // namespace rollcall::web
