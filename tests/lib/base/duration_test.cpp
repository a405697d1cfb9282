#include "lib/base/duration.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

struct duration_case {
  std::string text;
  milliseconds value;
  std::string printed;
};

TEST_CASE("reads durations as Prometheus writes them and prints them as Prometheus does") {
  auto c = GENERATE(values<duration_case>({
      {"0", 0ms, "0s"},
      {"0s", 0ms, "0s"},
      {"0w", 0ms, "0s"},
      {"1ms", 1ms, "1ms"},
      {"324ms", 324ms, "324ms"},
      {"1500ms", 1500ms, "1s500ms"},
      {"15s", 15s, "15s"},
      {"90s", 90s, "1m30s"},
      {"5m", 5min, "5m"},
      {"4d1h", 97h, "4d1h"},
      {"14d", 14 * 24h, "2w"},
      {"90d", 90 * 24h, "90d"},
      {"3w", 21 * 24h, "3w"},
      {"10y", 87600h, "10y"},
      {"1y1d", 366 * 24h, "366d"},
      {"1h30m", 90min, "1h30m"},
      {"1y2w3d4h5m6s7ms", 365 * 24h + 17 * 24h + 4h + 5min + 6s + 7ms, "382d4h5m6s7ms"},
      {"007s", 7s, "7s"},
      {"00000000000000000000000001s", 1s, "1s"},
      {"292y", 292 * 365 * 24h, "292y"},
  }));
  CAPTURE(c.text);
  auto value = parse_duration(c.text);
  REQUIRE(value);
  CHECK(*value == c.value);
  CHECK(format_duration(*value) == c.printed);
  CHECK(parse_duration(c.printed) == *value);
}

TEST_CASE("refuses what is no duration") {
  auto text = GENERATE(as<std::string>{}, "1", "-1s", "-1.5h", "1.5h", "1s ", " 1s", "1s1m", "1m1m", "s", "1 s", "1S",
                       "1µs", "1h1", "ms", "1mss", "5m:", "0x1s", "1s2");
  CAPTURE(text);
  auto value = parse_duration(text);
  REQUIRE_FALSE(value);
  CHECK(value.error() == error{errc::syntax, "not a valid duration string: \"" + text + "\""});
}

TEST_CASE("refuses an empty duration") {
  CHECK(parse_duration("").error() == error{errc::syntax, "empty duration string"});
}

TEST_CASE("refuses durations that do not fit into 2^63 nanoseconds") {
  auto text = GENERATE(as<std::string>{}, "294y", "200y10400w", "107675d", "2584200h", "99999999999999999999s",
                       "9223372036855ms");
  CAPTURE(text);
  auto value = parse_duration(text);
  REQUIRE_FALSE(value);
  CHECK(value.error() == error{errc::limit_exceeded, "duration out of range"});
}

TEST_CASE("prints a negative duration with its sign") { CHECK(format_duration(-90s) == "-1m30s"); }

}  // namespace
