#include "lib/base/byte_size.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;

namespace {

struct size_case {
  std::string text;
  uint64_t bytes;
  std::string printed;
};

TEST_CASE("reads sizes with units of base 1024 and prints them in the largest unit that divides them") {
  auto c = GENERATE(values<size_case>({
      {"0", 0, "0B"},
      {"0B", 0, "0B"},
      {"10B", 10, "10B"},
      {"1KB", 1024, "1KiB"},
      {"1KiB", 1024, "1KiB"},
      {"15MB", 15 << 20, "15MiB"},
      {"15MiB", 15 << 20, "15MiB"},
      {"1.5GiB", 1536ull << 20, "1536MiB"},
      {".5KB", 512, "512B"},
      {"1KB512B", 1536, "1536B"},
      {"3TB", 3ull << 40, "3TiB"},
      {"2PiB", 2ull << 50, "2PiB"},
      {"7EB", 7ull << 60, "7EiB"},
      {"9007199254740993B", 9007199254740993ull, "9007199254740993B"},
  }));
  CAPTURE(c.text);
  auto bytes = parse_byte_size(c.text);
  REQUIRE(bytes);
  CHECK(*bytes == c.bytes);
  CHECK(format_byte_size(*bytes) == c.printed);
  CHECK(parse_byte_size(c.printed) == *bytes);
}

TEST_CASE("says what is wrong with a size") {
  auto [text, message] = GENERATE(table<std::string, std::string>({
      {"", "units: invalid "},
      {"100", "units: missing unit in 100"},
      {"1KB5", "units: missing unit in 1KB5"},
      {"1kb", "units: unknown unit kb in 1kb"},
      {"1 MB", "units: unknown unit  MB in 1 MB"},
      {"5XB", "units: unknown unit XB in 5XB"},
      {"1K", "units: unknown unit K in 1K"},
      {"MB", "units: invalid MB"},
      {"-1MB", "units: invalid -1MB"},
      {"1.2.3MB", "units: invalid 1.2.3MB"},
      {"1e3MB", "units: unknown unit e in 1e3MB"},
      {"8EB", "units: 8EB is too large"},
      {"8.5EB", "units: 8.5EB is too large"},
      {"7EB7EB", "units: 7EB7EB is too large"},
      {"99999999999999999999B", "units: 99999999999999999999B is too large"},
  }));
  CAPTURE(text);
  auto bytes = parse_byte_size(text);
  REQUIRE_FALSE(bytes);
  CHECK(bytes.error() == error{errc::syntax, message});
}

}  // namespace
