#include "lib/dns/address.hpp"

#include <catch2/catch.hpp>

using namespace rollcall::dns;

namespace {

std::string written(const std::array<uint16_t, 8>& groups) {
  std::array<uint8_t, 16> bytes{};
  for (size_t i = 0; i < groups.size(); ++i) {
    bytes[2 * i] = static_cast<uint8_t>(groups[i] >> 8);
    bytes[2 * i + 1] = static_cast<uint8_t>(groups[i] & 0xff);
  }
  return format_address(bytes);
}

}  // namespace

TEST_CASE("an IPv4 address is four numbers") {
  const std::array<uint8_t, 4> address = {255, 0, 10, 1};
  CHECK(format_address(address) == "255.0.10.1");
}

TEST_CASE("the longest run of zeros in an IPv6 address is left out, the first of equals") {
  CHECK(written({0x2001, 0xdb8, 0, 0, 0, 0, 0, 1}) == "2001:db8::1");
  CHECK(written({0x2001, 0, 0, 1, 0, 0, 0, 1}) == "2001:0:0:1::1");
  CHECK(written({1, 0, 0, 2, 0, 0, 3, 4}) == "1::2:0:0:3:4");
  CHECK(written({0, 0, 0, 0, 0, 0, 0, 1}) == "::1");
  CHECK(written({0xfe80, 0, 0, 0, 0, 0, 0, 0}) == "fe80::");
  CHECK(written({0, 0, 0, 0, 0, 0, 0, 0}) == "::");
}

TEST_CASE("a single zero stays") { CHECK(written({1, 0, 2, 3, 4, 5, 6, 0xabcd}) == "1:0:2:3:4:5:6:abcd"); }

TEST_CASE("an IPv4-mapped address is written as the IPv4 address") {
  CHECK(written({0, 0, 0, 0, 0, 0xffff, 0x0102, 0x0304}) == "1.2.3.4");
  CHECK(written({0, 0, 0, 0, 0, 0, 0x0102, 0x0304}) == "::102:304");
}
