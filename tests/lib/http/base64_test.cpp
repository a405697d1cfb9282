#include "lib/http/base64.hpp"

#include <catch2/catch.hpp>

using namespace rollcall::http;

TEST_CASE("base64 comes back as it was, whatever its length") {
  std::string bytes;
  for (int i = 0; i < 70; ++i) {
    CHECK(decode_base64(base64(bytes)) == bytes);
    bytes += static_cast<char>(i * 37);
  }
}

TEST_CASE("what is no base64 is not decoded") {
  CHECK_FALSE(decode_base64("AAA"));
  CHECK_FALSE(decode_base64("A==="));
  CHECK_FALSE(decode_base64("AA=A"));
  CHECK_FALSE(decode_base64("AA-A"));
  // Two texts for the same bytes would be one too many.
  CHECK_FALSE(decode_base64("AB=="));
  CHECK(decode_base64("AA==") == std::string(1, '\0'));
}
