#include "lib/http/retry_after.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace rollcall::http;
using namespace std::chrono;
using namespace std::chrono_literals;

namespace {

// The example of RFC 9110.
constexpr sys_seconds example = sys_days(1994y / November / 6) + 8h + 49min + 37s;

}  // namespace

TEST_CASE("a number of seconds is the time to wait") {
  CHECK(parse_retry_after("120", example) == 120s);
  CHECK(parse_retry_after("0", example) == 0s);
  CHECK(parse_retry_after(" 7 ", example) == 7s);
  CHECK(parse_retry_after("9999999999", example) == 9999999999s);
}

TEST_CASE("what is no waiting time is ignored") {
  for (const char* value : {"", "  ", "-1", "+5", "1.5", "5s", "soon", "99999999999", "0x10", "1 2", "١"}) {
    INFO(value);
    CHECK_FALSE(parse_retry_after(value, example));
  }
}

TEST_CASE("a date is waited for from now") {
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", example - 90s) == 90s);
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", example) == 0s);
}

TEST_CASE("a date in the past is ignored") {
  CHECK_FALSE(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", example + 1s));
}

TEST_CASE("all three forms of a date are read") {
  CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == example);
  CHECK(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT") == example);
  CHECK(parse_http_date("Sun Nov  6 08:49:37 1994") == example);
  CHECK(parse_http_date("Wed Nov 16 08:49:37 1994") == example + days(10));
  CHECK(parse_http_date("Thu, 29 Feb 2024 00:00:00 GMT") == sys_days(2024y / February / 29));
  CHECK(parse_http_date("Tuesday, 01-Jan-30 00:00:00 GMT") == sys_days(2030y / January / 1));
}

TEST_CASE("a malformed date is refused") {
  for (const char* text :
       {"Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT", "Xyz, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nox 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ", "Sunday, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT", "Sun Nov 6 08:49:37 1994", "Sun, 06 Nov 19 08:49:37 GMT", "Sun"}) {
    INFO(text);
    CHECK_FALSE(parse_http_date(text));
  }
}

TEST_CASE("no prefix of a date is a date") {
  for (const std::string date :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
    for (std::size_t size = 0; size < date.size(); ++size) CHECK_FALSE(parse_http_date(date.substr(0, size)));
}
