#include "actors/web/fleet_view.hpp"

#include <catch2/catch.hpp>

namespace rollcall {

namespace {

constexpr uint64_t key = 7;

loop_status status_of(target_health health, int64_t last_scrape) {
  loop_status status;
  status.health = health;
  status.last_scrape = last_scrape;
  status.placed = key;
  return status;
}

// One target, of which the pool has heard this.
targets pool_with(loop_status heard) {
  active_target target;
  target.status = std::move(heard);
  pool_targets pool;
  pool.job = "fleet";
  pool.active.push_back(std::move(target));
  return {{std::move(pool)}};
}

places owned_by(const std::string& worker) {
  place_view place;
  place.owner = worker;
  return {{std::move(place)}};
}

fleet_report saying(std::vector<std::pair<uint64_t, loop_status>> statuses) {
  fleet_report report;
  report.statuses = std::move(statuses);
  return report;
}

const loop_status& only_status(const targets& all) { return all.pools.at(0).active.at(0).status; }

}  // namespace

TEST_CASE("what a worker says of a target counts more than what its pool heard last") {
  auto all = pool_with(status_of(target_health::down, 1000));
  auto report = saying({{key, status_of(target_health::up, 2000)}});
  auto warnings = warnings_of(report);
  auto view = merge(all, owned_by("a"), std::move(report));
  CHECK(only_status(all) == status_of(target_health::up, 2000));
  CHECK(view.places.at(key).owner == "a");
  CHECK(warnings.empty());
}

TEST_CASE("a target that has just changed hands is shown as it was last scraped") {
  auto all = pool_with(status_of(target_health::up, 1000));
  merge(all, owned_by("a"), saying({{key, status_of(target_health::unknown, 0)}}));
  CHECK(only_status(all) == status_of(target_health::up, 1000));
}

TEST_CASE("of two workers that have a target the one that scraped it last is believed") {
  auto all = pool_with(status_of(target_health::unknown, 0));
  merge(all, owned_by("a"),
        saying({{key, status_of(target_health::up, 2000)}, {key, status_of(target_health::down, 1000)}}));
  CHECK(only_status(all) == status_of(target_health::up, 2000));
}

TEST_CASE("the health of a target whose worker does not answer is unknown, and the worker is named") {
  auto all = pool_with(status_of(target_health::up, 1000));
  fleet_report report;
  report.unheard = {"a"};
  auto warnings = warnings_of(report);
  merge(all, owned_by("a"), report);
  CHECK(only_status(all).health == target_health::unknown);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].find("\"a\"") != std::string::npos);
}

}  // namespace rollcall
