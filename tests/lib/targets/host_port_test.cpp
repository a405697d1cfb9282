#include "lib/targets/host_port.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;

TEST_CASE("a host and a port become an address, an IPv6 host in brackets") {
  CHECK(join_host_port("host.example", 9100) == "host.example:9100");
  CHECK(join_host_port("10.0.0.1", 0) == "10.0.0.1:0");
  CHECK(join_host_port("2001:db8::1", 80) == "[2001:db8::1]:80");
  CHECK(join_host_port("", 80) == ":80");
}
