#include "lib/cluster/coordinator_side.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace rollcall::cluster;

namespace {

loop_plan plan_of(uint64_t key) {
  return {key, std::chrono::seconds(15), milliseconds(0), 1, std::make_shared<const std::string>("plan")};
}

coordinator_options at_once() {
  coordinator_options options;
  options.settling = milliseconds(0);
  return options;
}

struct driven {
  explicit driven(coordinator_options options = at_once()) : side(options, 0) {}

  void join(const std::string& name, const std::string& zone = {}) {
    introduction words{++incarnations, 1, 0, 0, {}};
    REQUIRE(side.introduce({name, zone, name, 1}, words, now, now));
  }
  void run() { side.run(now, now); }
  std::string owner(uint64_t key) const { return side.place_of(key).owner; }

  coordinator_side side;
  uint64_t incarnations = 0;
  int64_t now = 1000;
};

placement_wish with(uint64_t group) { return {group, {}}; }

}  // namespace

TEST_CASE("what nobody scrapes gets an owner though no more targets may change hands") {
  auto options = at_once();
  options.handovers_max = 0;
  options.handovers_per_mille = 0;
  driven coordinator(options);
  coordinator.join("a");
  coordinator.side.want(plan_of(1), {}, coordinator.now);
  coordinator.run();
  CHECK(coordinator.owner(1) == "a");
  REQUIRE(coordinator.side.drain("a"));
  coordinator.join("b");
  coordinator.side.want(plan_of(2), {}, coordinator.now);
  coordinator.run();
  CHECK(coordinator.owner(2) == "b");
  CHECK(coordinator.owner(1) == "a");
  CHECK(coordinator.side.handovers() == 0);
}

TEST_CASE("more targets may change hands at a time the more there are") {
  auto options = at_once();
  options.handovers_max = 1;
  options.handovers_per_mille = 100;
  driven coordinator(options);
  coordinator.join("a");
  for (uint64_t key = 1; key <= 50; ++key) coordinator.side.want(plan_of(key), {}, coordinator.now);
  coordinator.run();
  coordinator.join("b");
  REQUIRE(coordinator.side.drain("a"));
  coordinator.run();
  CHECK(coordinator.side.handovers() == 5);
}

TEST_CASE("a target that joins others is started where they are") {
  driven coordinator;
  coordinator.join("a");
  coordinator.join("b");
  for (uint64_t key = 1; key <= 5; ++key)
    coordinator.side.want(plan_of(key), with(key % 2 == 0 ? 7 : 0), coordinator.now);
  coordinator.run();
  auto there = coordinator.owner(2);
  CHECK(coordinator.owner(4) == there);
  coordinator.side.want(plan_of(6), with(7), coordinator.now);
  CHECK(coordinator.owner(6).empty());
  coordinator.run();
  CHECK(coordinator.owner(6) == there);
}

TEST_CASE("a target that has to be in a zone waits for a worker there") {
  driven coordinator;
  coordinator.join("a", "east");
  placement_rules rules{"", "zone", placement::affinity::strength::required};
  coordinator.side.want(plan_of(1), wish_of(rules, labels::of({{"zone", "west"}})), coordinator.now);
  coordinator.side.want(plan_of(2), wish_of(rules, labels::of({{"job", "x"}})), coordinator.now);
  coordinator.run();
  CHECK(coordinator.owner(1).empty());
  CHECK(coordinator.owner(2) == "a");
  coordinator.join("b", "west");
  coordinator.run();
  CHECK(coordinator.owner(1) == "b");
}

TEST_CASE("what a target wants is known again after a restart, and it stays where it runs") {
  driven coordinator;
  introduction words{1, 1, 0, 0, {}};
  words.held = {{1, 1, 0, 0}, {2, 2, 0, 0}};
  REQUIRE(coordinator.side.introduce({"a", "", "a", 1}, words, coordinator.now, coordinator.now));
  coordinator.side.want(plan_of(1), with(7), coordinator.now);
  coordinator.side.want(plan_of(2), with(7), coordinator.now);
  CHECK(coordinator.owner(1) == "a");
  CHECK(coordinator.owner(2) == "a");
  coordinator.join("b");
  coordinator.side.want(plan_of(3), with(7), coordinator.now);
  coordinator.run();
  CHECK(coordinator.owner(3) == "a");
  CHECK(coordinator.side.handovers() == 0);
}

TEST_CASE("wishes follow from labels, and none from those that are missing or empty") {
  placement_rules rules{"group", "zone", placement::affinity::strength::preferred};
  CHECK(wish_of(rules, labels::of({{"job", "x"}})) == placement_wish{});
  auto one = wish_of(rules, labels::of({{"group", "a"}, {"zone", "west"}}));
  CHECK(one.together != 0);
  CHECK(one.where.name == "west");
  CHECK(one.together == wish_of(rules, labels::of({{"group", "a"}})).together);
  CHECK(one.together != wish_of(rules, labels::of({{"group", "b"}})).together);
  CHECK(wish_of({}, labels::of({{"group", "a"}, {"zone", "west"}})) == placement_wish{});
}
