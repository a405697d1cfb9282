#include "lib/auth/rfc3339.hpp"

#include <catch2/catch.hpp>

using namespace rollcall::auth;

namespace {

std::optional<time_point> at(int64_t seconds) { return time_point(std::chrono::seconds(seconds)); }

}  // namespace

TEST_CASE("a time is read with its offset, and without its fraction") {
  CHECK(read_rfc3339("1970-01-01T00:00:00Z") == at(0));
  CHECK(read_rfc3339("2023-11-14T22:13:20Z") == at(1'700'000'000));
  CHECK(read_rfc3339("2023-11-14T22:13:20.999999999Z") == at(1'700'000'000));
  CHECK(read_rfc3339("2023-11-14T22:13:20.5+00:00") == at(1'700'000'000));
  CHECK(read_rfc3339("2023-11-15T00:13:20+02:00") == at(1'700'000'000));
  CHECK(read_rfc3339("2023-11-14T18:43:20-03:30") == at(1'700'000'000));
}

TEST_CASE("what is no time, or none that can be told, is none") {
  for (const char* text :
       {"", "soon", "2023-11-14", "2023-11-14T22:13:20", "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20Z ",
        "2023-11-14T22:13:20+2:00", "2023-11-14T22:13:20+24:00", "2023-11-14T22:13:20+02:60", "2023-13-14T22:13:20Z",
        "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01", "9999-01-01T00:00:00Z"}) {
    INFO(text);
    CHECK_FALSE(read_rfc3339(text));
  }
}
