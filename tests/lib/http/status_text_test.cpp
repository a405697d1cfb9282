#include "lib/http/status_text.hpp"

#include <catch2/catch.hpp>

using rollcall::http::status_text;

TEST_CASE("status codes have their reason phrases") {
  CHECK(status_text(200) == "OK");
  CHECK(status_text(404) == "Not Found");
  CHECK(status_text(429) == "Too Many Requests");
  CHECK(status_text(505) == "HTTP Version Not Supported");
}

TEST_CASE("an unknown status has no reason phrase") {
  for (int status : {0, -1, 299, 418, 599, 999}) CHECK(status_text(status).empty());
}
