#include "lib/http/percent_encode.hpp"

#include <catch2/catch.hpp>

using namespace rollcall::http;

TEST_CASE("what is not unreserved is percent-encoded, a slash only within a segment") {
  CHECK(percent_encode("/a-b_c.d~e f\"<\n") == "/a-b_c.d~e%20f%22%3C%0A");
  CHECK(encode_component("a/b?c=d&\xC3\xA9") == "a%2Fb%3Fc%3Dd%26%C3%A9");
}

TEST_CASE("a query keeps the order of its parameters, and of equal names all") {
  CHECK(encode_query({}).empty());
  CHECK(encode_query({{"tag", "b"}, {"stale", ""}, {"tag", "a=&"}}) == "?tag=b&stale=&tag=a%3D%26");
}
