#include "tests/simulation/schedules.hpp"
#include "tests/simulation/simulated_election.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace rollcall::test;

namespace {

constexpr int64_t lease = simulated_election::lease;
// From when everything works again until all workers have found whom a majority has promised to serve: a worker that
// was just started is silent for one and a half, promises that are in each other's way are given back, and workers meet
// at one coordinator.
constexpr int64_t recovery_max = 12 * lease;

constexpr uint64_t schedules_of_build = 2000;

election_world world_of(uint64_t seed, broken_rule broken = broken_rule::none) {
  election_world world;
  world.seed = seed;
  world.coordinators = 2 + seed % 2;
  world.voters = seed % 3 == 0 ? 3 : 5;
  world.others = seed % 3;
  world.delay_max = 1 + static_cast<int64_t>(seed * 37 % 200);
  world.loss = static_cast<double>(seed % 4) * 0.01;
  world.broken = broken;
  return world;
}

void hurt(simulated_election& cluster) {
  auto length = 200 + static_cast<int64_t>(cluster.draw(4 * lease));
  auto leader = cluster.leader();
  auto victim = leader && cluster.draw(3) > 0 ? *leader : cluster.draw(cluster.coordinators());
  switch (cluster.draw(8)) {
    case 0:
      return cluster.kill_coordinator(victim, length);
    case 1:
      return cluster.pause_coordinator(victim, length);
    case 2:
      return cluster.resign(victim, length);
    case 3:
      return cluster.kill_worker(cluster.draw(cluster.workers()), length / 4);
    case 4:
      return cluster.pause_worker(cluster.draw(cluster.workers()), length);
    case 5:
      for (size_t i = 0; i < cluster.workers(); ++i) cluster.cut(victim, i, length);
      return;
    default:
      for (size_t i = 0; i < cluster.workers(); ++i)
        if (cluster.draw(2) == 0) cluster.cut(cluster.draw(cluster.coordinators()), i, length);
  }
}

void spend_chaotic_day(simulated_election& cluster) {
  cluster.run_for(4 * lease);
  for (int i = 0; i < 25; ++i) {
    hurt(cluster);
    cluster.run_for(static_cast<int64_t>(cluster.draw(2 * lease)));
  }
}

size_t days_with_rivals(broken_rule broken) {
  size_t count = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    simulated_election cluster(world_of(seed, broken));
    spend_chaotic_day(cluster);
    count += cluster.rivals() > 0;
  }
  return count;
}

}  // namespace

TEST_CASE("whatever happens to coordinators and workers, never two are elected, and somebody is once it is over") {
  for (auto seed : seeds(schedules_of_build, 1)) {
    CAPTURE(seed);
    simulated_election cluster(world_of(seed));
    spend_chaotic_day(cluster);
    cluster.heal();
    cluster.run_for(recovery_max);
    CHECK(cluster.rivals() == 0);
    CHECK(cluster.epochs_out_of_order() == 0);
    REQUIRE(cluster.leader());
    REQUIRE(cluster.members() > 0);
  }
}

TEST_CASE("elections whose rules are broken are caught") {
  CHECK(days_with_rivals(broken_rule::no_silence) > 0);
  CHECK(days_with_rivals(broken_rule::faithless) > 0);
  CHECK(days_with_rivals(broken_rule::counted_twice) > 0);
  CHECK(days_with_rivals(broken_rule::slow_clocks) > 0);
}
