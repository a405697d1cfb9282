#include "tests/simulation/schedules.hpp"
#include "tests/simulation/simulated_leaders.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace rollcall::test;

namespace {

constexpr uint64_t targets = 12;
constexpr size_t coordinators = 3;
constexpr size_t workers = 4;
constexpr int64_t interval = simulated_leaders::interval;
constexpr int64_t lease = simulated_leaders::lease;
// From the end of a leader until its successor knows who has what: the lease that is left, a look at the arbiter, and
// that workers find the new one.
constexpr int64_t takeover_max = 3 * lease;

constexpr uint64_t schedules_of_build = 1500;

leaders_options carrier(uint64_t seed, cluster::lease_policy policy = cluster::lease_policy::available) {
  return {seed, 1 + static_cast<int64_t>(seed * 37 % 150), static_cast<double>(seed % 3) * 0.02, policy,
          leader_mutation::none};
}

// A leader that no worker reaches takes them for dead, so where those go on without it some targets have two owners.
void hurt(simulated_leaders& cluster, size_t victim, cluster::lease_policy policy) {
  auto length = 1000 + static_cast<int64_t>(cluster.draw(20'000));
  switch (cluster.draw(policy == cluster::lease_policy::strict ? 5 : 4)) {
    case 0:
      return cluster.kill(victim, length);
    case 1:
      return cluster.pause(victim, length);
    case 2:
      return cluster.cut_off_from_arbiter(victim, length);
    case 3:
      return cluster.lose_arbiter(length);
    default:
      return cluster.cut_off_from_workers(victim, length);
  }
}

struct verdict {
  size_t late_orders = 0;
  size_t obeyed_wrongly = 0;
  size_t doubled = 0;
  size_t missed = 0;
  size_t falsely_marked = 0;

  bool operator==(const verdict&) const = default;
};

verdict verdict_on(simulated_leaders& cluster, int64_t from) {
  const auto& fleet = cluster.fleet();
  return {cluster.late_orders(), cluster.obeyed_wrongly(), fleet.double_scrapes(),
          fleet.missed_most(from, cluster.wall()), fleet.false_markers()};
}

// Leaders come and go, several at a time, and so does the arbiter.
verdict chaotic_day(const leaders_options& options) {
  simulated_leaders cluster(options, coordinators, workers, targets);
  cluster.run_for(3 * interval);
  // Where much is lost it may take several leaders until one has placed everything.
  for (int wait = 0; wait < 10 && !cluster.is_everything_placed(); ++wait) cluster.run_for(interval);
  auto from = cluster.wall();
  for (int step = 0; step < 8; ++step) {
    auto leader = cluster.leader();
    hurt(cluster, leader && cluster.draw(3) > 0 ? *leader : cluster.draw(coordinators), options.policy);
    cluster.run_for(static_cast<int64_t>(cluster.draw(15'000)));
  }
  cluster.run_for(30'000 + 2 * interval);
  return verdict_on(cluster, from);
}

size_t failing_seeds(uint64_t count, leader_mutation broken) {
  size_t failing = 0;
  for (uint64_t seed = 1; seed <= count; ++seed) {
    auto options = carrier(seed);
    options.broken = broken;
    auto outcome = chaotic_day(options);
    if (outcome.late_orders != 0 || outcome.obeyed_wrongly != 0) ++failing;
  }
  return failing;
}

}  // namespace

TEST_CASE("whatever happens to coordinators and their arbiter, never two assign, and what runs is not disturbed") {
  for (auto seed : seeds(schedules_of_build, 25)) {
    CAPTURE(seed);
    auto outcome = chaotic_day(carrier(seed));
    CHECK(outcome.late_orders == 0);
    CHECK(outcome.obeyed_wrongly == 0);
    CHECK(outcome.doubled == 0);
    CHECK(outcome.falsely_marked == 0);
    REQUIRE(outcome.missed == 0);
  }
}

TEST_CASE("strict workers scrape nothing twice, whoever leads") {
  for (auto seed : seeds(schedules_of_build, 50)) {
    CAPTURE(seed);
    auto outcome = chaotic_day(carrier(seed, cluster::lease_policy::strict));
    CHECK(outcome.late_orders == 0);
    CHECK(outcome.doubled == 0);
    REQUIRE(outcome.falsely_marked == 0);
  }
}

TEST_CASE("a leader that is killed is followed within leases, by one that moves nothing") {
  for (auto seed : seeds(schedules_of_build, 50)) {
    CAPTURE(seed);
    simulated_leaders cluster({seed, 50, 0, cluster::lease_policy::available, leader_mutation::none}, coordinators,
                              workers, targets);
    cluster.run_for(4 * interval);
    REQUIRE(cluster.is_everything_placed());
    std::map<uint64_t, std::string> owners;
    for (uint64_t key = 1; key <= targets; ++key) owners[key] = cluster.owner_of(key);
    auto from = cluster.wall();
    auto killed = *cluster.leader();
    cluster.kill(killed, 1'000'000);
    cluster.run_for(takeover_max);
    REQUIRE(cluster.is_everything_placed());
    CHECK(*cluster.leader() != killed);
    cluster.run_for(4 * interval);
    for (uint64_t key = 1; key <= targets; ++key) REQUIRE(cluster.owner_of(key) == owners[key]);
    CHECK(cluster.moves() == 0);
    REQUIRE(verdict_on(cluster, from) == verdict{});
  }
}

TEST_CASE("a leader that resigns is followed at once") {
  simulated_leaders cluster({1, 50, 0, cluster::lease_policy::available, leader_mutation::none}, coordinators, workers,
                            targets);
  cluster.run_for(4 * interval);
  auto before = *cluster.leader();
  cluster.resign(before);
  cluster.run_for(lease / 2);
  REQUIRE(cluster.leader());
  CHECK(*cluster.leader() != before);
}

TEST_CASE("leaders that are not fenced, or do not wait for each other, are caught") {
  CHECK(failing_seeds(20, leader_mutation::no_fence) > 0);
  CHECK(failing_seeds(20, leader_mutation::no_wait) > 0);
}
