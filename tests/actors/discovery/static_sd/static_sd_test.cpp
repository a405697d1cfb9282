#include "actors/discovery/static_sd/static_sd.hpp"

#include "actors/discovery/static_sd/static_sd_options.hpp"
#include "tests/support/services_fixture.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

target_group_ptr group(const std::string& source, const std::string& address) {
  auto result = std::make_shared<target_group>();
  result->source = source;
  result->targets.push_back(labels::of({{"__address__", address}}));
  return result;
}

}  // namespace

TEST_CASE_METHOD(test::services_fixture, "its groups are told once, completely, as the objects that they are") {
  auto options = std::make_shared<static_sd_options>();
  options->groups = {group("0", "a:1"), group("1", "b:1")};
  auto targets = spawn_probe<target_sink_actor>();
  auto discoverer = adopt(static_sd().spawn(system(), options, {targets.handle(), announced, process(), "j"}));
  settle();
  auto updates = targets.take<update>();
  REQUIRE(updates.size() == 1);
  CHECK(updates[0].complete);
  // Shared, not copied: a job may have very many.
  CHECK(updates[0].groups == options->groups);
  tell(discoverer, use_services{make_services()});
  advance(24h);
  CHECK(targets.received<update>().empty());
  auto status = ask<discoverer_status>(discoverer, get_discoverer_status{});
  CHECK(status.refreshes == 1);
  CHECK(status.failures == 0);
  CHECK(status.last_success == wall_clock() - 24 * 3'600'000);
}

TEST_CASE_METHOD(test::services_fixture, "a job without targets is told of as well") {
  auto targets = spawn_probe<target_sink_actor>();
  adopt(static_sd().spawn(system(), std::make_shared<static_sd_options>(),
                          {targets.handle(), announced, process(), "j"}));
  settle();
  auto updates = targets.received<update>();
  REQUIRE(updates.size() == 1);
  CHECK(updates[0].complete);
  CHECK(updates[0].groups.empty());
}

TEST_CASE("options are equal when their groups are, whoever owns them") {
  static_sd_options one, same, other, more;
  one.groups = {group("0", "a:1")};
  same.groups = {group("0", "a:1")};
  other.groups = {group("0", "b:1")};
  more.groups = {group("0", "a:1"), group("1", "b:1")};
  CHECK(one.equals(same));
  CHECK_FALSE(one.equals(other));
  CHECK_FALSE(one.equals(more));
  CHECK_FALSE(more.equals(one));
}
