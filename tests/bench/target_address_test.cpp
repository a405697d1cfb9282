#include "bench/fleet/target_address.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <set>

namespace rollcall::bench {
namespace {

TEST_CASE("gives each target an address of its own and finds it there again") {
  std::set<uint32_t> seen;
  for (size_t index = 0; index < targets_max; index += index < 2000 ? 1 : 997) {
    auto address = target_address(index);
    REQUIRE(seen.insert(address).second);
    REQUIRE(address >> 24 == 127);
    REQUIRE(target_at(address) == index);
  }
}

TEST_CASE("names addresses that are plain hosts") {
  CHECK(address_text(target_address(0)) == "127.1.0.1");
  CHECK(address_text(target_address(249)) == "127.1.0.250");
  CHECK(address_text(target_address(250)) == "127.1.1.1");
  CHECK(address_text(target_address(62'500)) == "127.2.0.1");
}

TEST_CASE("puts targets into another network when asked to") {
  CHECK(address_text(target_address(250, 10)) == "10.1.1.1");
  CHECK(target_at(target_address(250, 10), 10) == 250);
  CHECK_FALSE(target_at(target_address(250, 10)));
  CHECK(file_sd_document(1, 9100, 10).find("\"10.1.0.1:9100\"") != std::string::npos);
}

TEST_CASE("finds no target at addresses that none has") {
  for (uint32_t address : {0x7f000001u, 0x7f010000u, 0x7f0100fbu, 0x7f01fa01u, 0x7fffffffu, 0x0a010001u}) {
    INFO(address_text(address));
    CHECK_FALSE(target_at(address));
  }
}

TEST_CASE("writes a file_sd document with every target once") {
  auto document = nlohmann::json::parse(file_sd_document(300, 9100));
  REQUIRE(document.size() == 1);
  CHECK(document[0]["labels"]["fleet"] == "bench");
  auto targets = document[0]["targets"].get<std::set<std::string>>();
  CHECK(targets.size() == 300);
  CHECK(targets.contains("127.1.0.1:9100"));
  CHECK(targets.contains("127.1.1.50:9100"));
}

}  // namespace
}  // namespace rollcall::bench
