#include "tests/simulation/schedules.hpp"
#include "tests/simulation/simulated_cluster.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace rollcall::test;

namespace {

constexpr uint64_t targets = 16;
constexpr int64_t interval = simulated_cluster::interval;
constexpr int64_t quiet = 3 * interval;

#ifdef __SANITIZE_ADDRESS__
constexpr uint64_t schedules_of_build = 2'000;
#else
constexpr uint64_t schedules_of_build = 10'000;
#endif

// One that loses few messages: the connection between two nodes loses some when it breaks, and no others.
network good_carrier(uint64_t seed) {
  return {1 + static_cast<int64_t>(seed * 37 % 120), static_cast<double>(seed % 3) * 0.01,
          static_cast<double>(seed % 4) * 0.05};
}

network bad_carrier(uint64_t seed) {
  return {1 + static_cast<int64_t>(seed * 37 % 400), static_cast<double>(seed % 4) * 0.05,
          static_cast<double>(seed % 3) * 0.1};
}

// A cluster of three workers in which everything has an owner and was scraped.
void settle_in(simulated_cluster& cluster) {
  for (uint64_t key = 1; key <= targets; ++key) cluster.add_target(key);
  for (const char* name : {"a", "b", "c"}) cluster.add_worker(name);
  cluster.run_for(2 * interval);
}

std::string any_worker(simulated_cluster& cluster) {
  auto names = cluster.workers();
  return names[cluster.draw(names.size())];
}

// Somebody has to stay.
void send_away(simulated_cluster& cluster, void (simulated_cluster::*how)(const std::string&)) {
  auto names = cluster.staying();
  if (names.size() > 1) (cluster.*how)(names[cluster.draw(names.size())]);
}

// One step of what operators and discovery do on an ordinary day.
void change_something(simulated_cluster& cluster, int step) {
  auto key = 1 + cluster.draw(targets);
  switch (cluster.draw(6)) {
    case 0:
      return cluster.add_worker("joined" + std::to_string(step));
    case 1:
      return send_away(cluster, &simulated_cluster::leave);
    case 2:
      return send_away(cluster, &simulated_cluster::drain);
    case 3:
      return cluster.remove_target(key);
    case 4:
      if (!cluster.fleet().is_there(key)) cluster.add_target(key);
      return;
    default:
      return cluster.renew_target(key);
  }
}

void vanish_something(simulated_cluster& cluster) {
  auto key = 1 + cluster.draw(targets);
  if (!cluster.fleet().is_there(key)) return cluster.add_target(key);
  if (cluster.draw(2) == 0) return cluster.renew_target(key);
  cluster.remove_target(key);
}

struct verdict {
  size_t doubled = 0;
  size_t missed = 0;
  size_t falsely_marked = 0;
  size_t unmarked = 0;
  size_t marked_again = 0;
  bool is_placed = true;
  std::vector<std::string> notes;

  bool operator==(const verdict&) const = default;
};

verdict verdict_on(simulated_cluster& cluster, int64_t from) {
  const auto& fleet = cluster.fleet();
  return {
      fleet.double_scrapes(),   fleet.missed_most(from, cluster.wall()), fleet.false_markers(), fleet.missing_markers(),
      fleet.repeated_markers(), cluster.is_everything_placed(),          fleet.notes()};
}

verdict planned_day(simulation_options options) {
  simulated_cluster cluster(options);
  settle_in(cluster);
  auto from = cluster.wall();
  for (int step = 0; step < 8; ++step) {
    change_something(cluster, step);
    cluster.run_for(500 + static_cast<int64_t>(cluster.draw(6000)));
  }
  cluster.run_for(2 * quiet);
  return verdict_on(cluster, from);
}

verdict day_with_a_fault(simulation_options options) {
  simulated_cluster cluster(options);
  settle_in(cluster);
  auto from = cluster.wall();
  change_something(cluster, 0);
  cluster.run_for(static_cast<int64_t>(cluster.draw(3000)));
  auto victim = any_worker(cluster);
  auto length = 1000 + static_cast<int64_t>(cluster.draw(60'000));
  switch (cluster.draw(3)) {
    case 0:
      cluster.kill(victim);
      break;
    case 1:
      cluster.pause(victim, length);
      break;
    default:
      cluster.partition(victim, length);
  }
  cluster.run_for(length + 2 * quiet);
  return verdict_on(cluster, from);
}

// What vanishes while a worker is dead. Everything that it had seen was copied before.
verdict day_with_kills(simulation_options options) {
  simulated_cluster cluster(options);
  settle_in(cluster);
  auto from = cluster.wall();
  for (int round = 0; round < 2; ++round) {
    cluster.run_for(2 * interval);
    cluster.kill(any_worker(cluster));
    if (cluster.draw(2) == 0) cluster.add_worker("next" + std::to_string(round));
    for (int step = 0; step < 8; ++step) {
      cluster.run_for(static_cast<int64_t>(cluster.draw(2000)));
      vanish_something(cluster);
    }
    cluster.run_for(quiet);
  }
  return verdict_on(cluster, from);
}

// Whatever can happen, several times over; at the end everything heals.
verdict chaotic_day(simulation_options options) {
  simulated_cluster cluster(options);
  settle_in(cluster);
  for (int step = 0; step < 10; ++step) {
    auto length = 1000 + static_cast<int64_t>(cluster.draw(30'000));
    auto names = cluster.workers();
    switch (cluster.draw(cluster.staying().size() > 1 ? 6 : 1)) {
      case 0:
        cluster.add_worker("late" + std::to_string(step));
        break;
      case 1:
        change_something(cluster, step);
        break;
      case 2:
        cluster.kill(any_worker(cluster));
        break;
      case 3:
        cluster.pause(any_worker(cluster), length);
        break;
      case 4:
        cluster.partition(any_worker(cluster), length);
        break;
      default:
        cluster.restart_coordinator(static_cast<int64_t>(cluster.draw(20'000)));
        cluster.run_for(21'000);
    }
    cluster.run_for(static_cast<int64_t>(cluster.draw(12'000)));
  }
  cluster.heal();
  cluster.add_worker("last");
  cluster.run_for(60'000 + quiet);
  auto healed = cluster.wall();
  cluster.run_for(quiet);
  auto outcome = verdict_on(cluster, healed);
  // Who is killed takes what it knew along.
  outcome.unmarked = 0;
  return outcome;
}

template <class Day>
size_t failing_seeds(uint64_t count, mutation broken, Day day) {
  size_t failing = 0;
  for (uint64_t seed = 1; seed <= count; ++seed) {
    auto outcome = day(simulation_options{seed, good_carrier(seed), cluster::lease_policy::strict, broken});
    if (outcome != verdict{}) ++failing;
  }
  return failing;
}

}  // namespace

TEST_CASE("joins, leaves, drains and changing targets miss nothing, double nothing and mark what is gone alone") {
  for (auto seed : seeds(schedules_of_build, 2)) {
    CAPTURE(seed);
    auto outcome = planned_day({seed, good_carrier(seed), cluster::lease_policy::strict, mutation::none});
    CAPTURE(outcome.notes);
    CHECK(outcome.missed == 0);
    CHECK(outcome.doubled == 0);
    CHECK(outcome.falsely_marked == 0);
    CHECK(outcome.unmarked == 0);
    REQUIRE(outcome.is_placed);
  }
}

TEST_CASE("a worker that is killed, stopped or cut off costs each target one scrape at most, and none is doubled") {
  for (auto seed : seeds(schedules_of_build, 4)) {
    CAPTURE(seed);
    auto outcome = day_with_a_fault({seed, good_carrier(seed), cluster::lease_policy::strict, mutation::none});
    CAPTURE(outcome.notes);
    CHECK(outcome.missed <= 1);
    CHECK(outcome.doubled == 0);
    CHECK(outcome.falsely_marked == 0);
    REQUIRE(outcome.is_placed);
  }
}

TEST_CASE("what vanishes while its owner is dead is marked, and once") {
  for (auto seed : seeds(schedules_of_build, 10)) {
    CAPTURE(seed);
    auto outcome = day_with_kills({seed, good_carrier(seed), cluster::lease_policy::strict, mutation::none});
    CAPTURE(outcome.notes);
    CHECK(outcome.unmarked == 0);
    CHECK(outcome.marked_again == 0);
    CHECK(outcome.falsely_marked == 0);
    REQUIRE(outcome.is_placed);
  }
}

TEST_CASE("whatever happens, no target is scraped twice, and in the end every one is scraped") {
  for (auto seed : seeds(schedules_of_build, 5)) {
    CAPTURE(seed);
    auto outcome = chaotic_day({seed, bad_carrier(seed), cluster::lease_policy::strict, mutation::none});
    CAPTURE(outcome.notes);
    CHECK(outcome.doubled == 0);
    CHECK(outcome.falsely_marked == 0);
    CHECK(outcome.missed == 0);
    REQUIRE(outcome.is_placed);
  }
}

TEST_CASE("a coordinator that is started again moves nothing, and workers do not stop for it") {
  for (auto seed : seeds(schedules_of_build, 20)) {
    CAPTURE(seed);
    simulated_cluster cluster({seed, {50, 0, 0}, cluster::lease_policy::available, mutation::none});
    settle_in(cluster);
    std::map<uint64_t, std::string> owners;
    for (uint64_t key = 1; key <= targets; ++key) owners[key] = cluster.coordinator().place_of(key).owner;
    auto from = cluster.wall();
    cluster.restart_coordinator(static_cast<int64_t>(cluster.draw(40'000)));
    cluster.run_for(45'000 + quiet);
    auto outcome = verdict_on(cluster, from);
    CAPTURE(outcome.notes);
    REQUIRE(outcome == verdict{});
    for (uint64_t key = 1; key <= targets; ++key) REQUIRE(cluster.coordinator().place_of(key).owner == owners[key]);
    CHECK(cluster.coordinator().moves().empty());
  }
}

TEST_CASE("a protocol that is broken on purpose is caught") {
  CHECK(failing_seeds(40, mutation::late_cut, planned_day) > 0);
  CHECK(failing_seeds(40, mutation::lost_estate, planned_day) > 0);
  CHECK(failing_seeds(40, mutation::lost_copies, day_with_kills) > 0);
  CHECK(failing_seeds(120, mutation::no_lease, day_with_a_fault) > 0);
  CHECK(failing_seeds(120, mutation::hasty_takeover, day_with_a_fault) > 0);
}
