#include "tests/lib/cluster/driven_coordinator.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace rollcall::cluster;
using namespace rollcall::test;

namespace {

struct driven : driven_coordinator {
  using driven_coordinator::driven_coordinator;

  // A target that a has and told of, and then a's death.
  tenancy lose_a(uint64_t key) {
    join("a");
    side.want(plan_of(key), {}, now);
    run({"a"});
    auto which = std::get<cluster::run>(heard["a"].back()).which;
    say("a", copied{which, "what a knew"});
    join("b");
    return which;
  }

  void pass_lease() {
    for (int step = 0; step < 2; ++step) {
      now += 2500;
      run({"b"});
    }
  }
};

}  // namespace

TEST_CASE("who takes over from a dead owner gets the copy of what that one knew") {
  driven coordinator;
  coordinator.lose_a(1);
  CHECK(coordinator.side.copies().targets() == 1);
  coordinator.pass_lease();
  auto runs = only<run>(coordinator.heard["b"]);
  auto left = only<bequeath>(coordinator.heard["b"]);
  REQUIRE(runs.size() == 1);
  CHECK(runs[0].from_before == estate::awaited);
  CHECK(left == std::vector{bequeath{runs[0].which, "what a knew"}});
}

TEST_CASE("a target that is gone with its owner is laid to rest by another worker") {
  driven coordinator;
  coordinator.lose_a(1);
  coordinator.side.unwant(1, coordinator.now);
  coordinator.pass_lease();
  auto runs = only<run>(coordinator.heard["b"]);
  REQUIRE(runs.size() == 1);
  CHECK(only<bequeath>(coordinator.heard["b"]) == std::vector{bequeath{runs[0].which, "what a knew"}});
  CHECK(only<retire>(coordinator.heard["b"]) == std::vector{retire{runs[0].which, no_tenancy}});
}

TEST_CASE("a target that is gone and was settled before its owner died is not settled again") {
  driven coordinator;
  auto which = coordinator.lose_a(1);
  coordinator.side.unwant(1, coordinator.now);
  coordinator.say("a", yielded{which, {}});
  coordinator.pass_lease();
  CHECK(only<run>(coordinator.heard["b"]).empty());
  CHECK(coordinator.side.copies().targets() == 0);
}

TEST_CASE("a target that follows on one that is gone with its owner goes on with its series") {
  driven coordinator;
  coordinator.lose_a(1);
  coordinator.side.want(plan_of(2), {}, coordinator.now);
  coordinator.side.succeed(1, 2, coordinator.now);
  coordinator.pass_lease();
  auto runs = only<run>(coordinator.heard["b"]);
  REQUIRE(runs.size() == 1);
  CHECK(runs[0].plan.key == 2);
  CHECK(only<bequeath>(coordinator.heard["b"]) == std::vector{bequeath{runs[0].which, "what a knew"}});
}

TEST_CASE("orders to run go before copies") {
  driven coordinator;
  coordinator.join("a");
  for (uint64_t key = 1; key <= 3; ++key) coordinator.side.want(plan_of(key), {}, coordinator.now);
  coordinator.run({"a"});
  for (const auto& each : only<run>(coordinator.heard["a"]))
    coordinator.say("a", copied{each.which, std::to_string(each.plan.key)});
  coordinator.join("b");
  coordinator.pass_lease();
  auto heard = coordinator.heard["b"];
  REQUIRE(only<run>(heard).size() == 3);
  CHECK(only<bequeath>(heard).size() == 3);
  auto first_copy = std::find_if(heard.begin(), heard.end(), [](const auto& each) { return each.index() == 4; });
  CHECK(only<run>({heard.begin(), first_copy}).size() == 3);
}

TEST_CASE("who has no say about a target cannot have anything kept of it") {
  driven coordinator;
  auto which = coordinator.lose_a(1);
  coordinator.say("b", copied{which, "forged"});
  coordinator.say("a", copied{which + 100, "forged"});
  coordinator.pass_lease();
  CHECK(only<bequeath>(coordinator.heard["b"]).at(0).state == "what a knew");
}

TEST_CASE("a coordinator without room for copies does not ask for any") {
  auto options = at_once();
  options.copies_bytes_max = 0;
  CHECK_FALSE(driven(options).join("a").keeps_copies);
  CHECK(driven().join("a").keeps_copies);
  driven coordinator(options);
  coordinator.lose_a(1);
  coordinator.pass_lease();
  CHECK(coordinator.side.copies().left_out() == 0);
  CHECK(only<bequeath>(coordinator.heard["b"]).empty());
}
