#include "actors/scrape/scrape_manager.hpp"

#include "tests/support/services_fixture.hpp"
#include "tests/support/target_groups.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;
using test::group;

namespace {

using texts = std::vector<std::string>;

/// A pool that was started: a probe in place of a real one.
struct started_pool {
  std::string job;
  scrape_pool_options options;
  test::probe<scrape_pool_actor> actor;
  test::ending end;
};

struct manager_fixture : test::services_fixture {
  scrape_manager_options options() {
    scrape_manager_options result;
    result.services = announced;
    result.environment = process();
    result.offset_seed = 99;
    result.spawn_pool = [this](caf::actor_system& system, scrape_pool_options given) {
      auto job = given.config->job_name;
      auto actor = test::spawn_probe<scrape_pool_actor>(system);
      pools.push_back({job, std::move(given), actor, test::ending(system, actor.handle())});
      return actor.handle();
    };
    return result;
  }
  void start() {
    manager = adopt(spawn_scrape_manager(system(), options()));
    settle();
  }
  void start_real() {
    auto given = options();
    given.spawn_pool = spawn_scrape_pool;
    manager = adopt(spawn_scrape_manager(system(), std::move(given)));
    settle();
  }

  static scrape_config_ptr job(const std::string& name, const std::string& path = "/metrics") {
    scrape_config result;
    result.job_name = name;
    result.scrape_interval = 15s;
    result.scrape_timeout = 10s;
    result.scrape_protocols = {scrape_protocol::prometheus_text_0_0_4};
    result.metrics_path = path;
    return std::make_shared<scrape_config>(result);
  }
  void apply(std::vector<scrape_config_ptr> jobs) {
    config all;
    all.scrape_configs = std::move(jobs);
    tell(manager, apply_scrape{std::make_shared<config>(all)});
  }
  void tell_groups(const std::string& name, std::vector<target_group_ptr> groups, bool complete = false) {
    job_change change{name, complete, {}};
    for (auto& each : groups) change.changes.push_back({1, std::move(each)});
    tell(manager, rollcall::sync{{change}});
  }
  started_pool& pool(const std::string& name) {
    for (auto at = pools.rbegin(); at != pools.rend(); ++at)
      if (at->job == name) return *at;
    throw std::runtime_error("no pool " + name);
  }
  /// What a pool was told since the last look: "!" for complete, then sources with + or -.
  static texts take_syncs(started_pool& which) {
    texts result;
    for (const auto& each : which.actor.take<rollcall::sync>())
      for (const auto& change : each.jobs) {
        std::string text = change.complete ? "!" : ":";
        for (const auto& named : change.changes)
          text += ' ' + named.group->source + (named.group->targets.empty() ? "-" : "+");
        result.push_back(text);
      }
    return result;
  }
  void crash(started_pool& which) {
    caf::anon_send_exit(which.actor.handle(), caf::exit_reason::unhandled_exception);
    settle();
  }
  texts jobs() { return ask<scrape_pools>(manager, get_scrape_pools{}).jobs; }

  std::deque<started_pool> pools;
  scrape_manager_actor manager;
};

}  // namespace

TEST_CASE_METHOD(manager_fixture, "there is one pool per job, made with what the job and the process say") {
  start();
  apply({job("b"), job("a")});
  REQUIRE(pools.size() == 2);
  CHECK(jobs() == texts{"a", "b"});
  const auto& given = pool("a").options;
  CHECK(*given.config == *job("a"));
  CHECK(given.services == announced);
  CHECK(given.offset_seed == 99);
  CHECK(metrics().scrape.pools.Value() == 2);
}

TEST_CASE_METHOD(manager_fixture, "pools whose job stays as it was hear nothing of a reload, changed ones hear of it") {
  start();
  apply({job("a"), job("b")});
  take_syncs(pool("a"));
  take_syncs(pool("b"));
  apply({job("a"), job("b", "/other")});
  CHECK(pools.size() == 2);
  CHECK(pool("a").actor.received<reload_pool>().empty());
  CHECK(take_syncs(pool("a")).empty());
  auto reloads = pool("b").actor.received<reload_pool>();
  REQUIRE(reloads.size() == 1);
  CHECK(reloads[0].config->metrics_path == "/other");
  CHECK(take_syncs(pool("b")).empty());
}

TEST_CASE_METHOD(manager_fixture, "changes go to the pools they concern, those that come together in one message") {
  start();
  apply({job("a"), job("b")});
  take_syncs(pool("a"));
  take_syncs(pool("b"));
  act::tell(manager, rollcall::sync{{{"a", false, {{1, group("s", {"1:1"})}}}}});
  act::tell(manager, rollcall::sync{{{"a", false, {{1, group("t", {"2:1"})}}}, {"unknown", true, {}}}});
  settle();
  CHECK(take_syncs(pool("a")) == texts{": s+ t+"});
  CHECK(take_syncs(pool("b")).empty());
}

TEST_CASE_METHOD(manager_fixture, "a complete change is passed on as such, with what came right after it") {
  start();
  apply({job("a")});
  take_syncs(pool("a"));
  act::tell(manager, rollcall::sync{{{"a", false, {{1, group("s", {"1:1"})}}}}});
  act::tell(manager, rollcall::sync{{{"a", true, {{1, group("t", {"2:1"})}}}}});
  act::tell(manager, rollcall::sync{{{"a", false, {{1, group("t", {})}, {1, group("u", {"3:1"})}}}}});
  settle();
  CHECK(take_syncs(pool("a")) == texts{"! t+ t- u+"});
}

TEST_CASE_METHOD(manager_fixture,
                 "a pool that crashed is restarted with all groups of its job, and others hear nothing") {
  random_unit = 0;
  start();
  apply({job("a"), job("b")});
  tell_groups("a", {group("s", {"1:1"}), group("t", {"2:1"})}, true);
  tell_groups("a", {group("t", {}), group("u", {"3:1"})});
  take_syncs(pool("a"));
  take_syncs(pool("b"));
  crash(pool("a"));
  CHECK(pools.size() == 2);
  CHECK(jobs() == texts{"a", "b"});
  // What comes while it is down is not lost.
  tell_groups("a", {group("v", {"4:1"})});
  advance(100ms);
  REQUIRE(pools.size() == 3);
  CHECK(take_syncs(pool("a")) == texts{"! s+ u+ v+"});
  CHECK(take_syncs(pool("b")).empty());
  CHECK(metrics().actor_restarts("scrape_pool").Value() == 1);
  auto all = ask<targets>(manager, get_targets{});
  REQUIRE(all.pools.size() == 2);
  CHECK(all.pools[0].job == "a");
  CHECK(all.pools[0].restarts == 1);
  CHECK(all.pools[1].restarts == 0);
}

TEST_CASE_METHOD(manager_fixture,
                 "a pool that goes on crashing is restarted later and later, a healthy one soon again") {
  random_unit = 0;
  start();
  apply({job("a")});
  crash(pool("a"));
  advance(100ms);
  CHECK(pools.size() == 2);
  crash(pool("a"));
  advance(199ms);
  CHECK(pools.size() == 2);
  advance(1ms);
  CHECK(pools.size() == 3);
  advance(2min);
  crash(pool("a"));
  advance(100ms);
  CHECK(pools.size() == 4);
}

TEST_CASE_METHOD(manager_fixture, "a restarted pool has the configuration and the services of the moment") {
  start();
  apply({job("a")});
  crash(pool("a"));
  apply({job("a", "/other")});
  auto changed = make_services();
  tell(manager, use_services{changed});
  advance(1s);
  REQUIRE(pools.size() == 2);
  CHECK(pool("a").options.config->metrics_path == "/other");
  CHECK(pool("a").options.services == changed);
}

TEST_CASE_METHOD(manager_fixture,
                 "a removed job's pool is told to let everything go, and ends when the series are stale") {
  start();
  apply({job("a"), job("b")});
  tell_groups("a", {group("s", {"1:1"})}, true);
  take_syncs(pool("a"));
  apply({job("b")});
  CHECK(jobs() == texts{"b"});
  CHECK(take_syncs(pool("a")) == texts{"!"});
  // What still comes of it is too late.
  tell_groups("a", {group("s", {"1:1"})});
  CHECK(take_syncs(pool("a")).empty());
  advance(32s);
  CHECK_FALSE(pool("a").end.ended());
  advance(13s);
  CHECK(pool("a").end.ended());
  CHECK_FALSE(pool("b").end.ended());
  advance(10min);
  CHECK(pools.size() == 2);
}

TEST_CASE_METHOD(manager_fixture, "a removed job's pool waits for the slowest of its targets") {
  start();
  apply({job("a")});
  pool("a").actor.answer_with<get_targets, pool_targets>([](const get_targets&) {
    pool_targets known;
    for (auto interval : {15s, 120s, 30s}) known.active.emplace_back().interval = interval;
    return known;
  });
  apply({});
  advance(255s);
  CHECK_FALSE(pool("a").end.ended());
  advance(110s);
  CHECK(pool("a").end.ended());
}

TEST_CASE_METHOD(manager_fixture, "a job that returns before its pool has ended goes on with it") {
  start();
  apply({job("a")});
  apply({});
  take_syncs(pool("a"));
  advance(20s);
  apply({job("a", "/other")});
  CHECK(pools.size() == 1);
  CHECK(jobs() == texts{"a"});
  CHECK(pool("a").actor.received<reload_pool>().size() == 1);
  tell_groups("a", {group("s", {"1:1"})}, true);
  CHECK(take_syncs(pool("a")) == texts{"! s+"});
  advance(10min);
  CHECK_FALSE(pool("a").end.ended());

  // Removed again, it gets the whole time again.
  apply({});
  advance(44s);
  CHECK_FALSE(pool("a").end.ended());
  advance(1s);
  CHECK(pool("a").end.ended());
}

TEST_CASE_METHOD(manager_fixture, "a job that is removed while its pool is down does not come back with it") {
  start();
  apply({job("a")});
  tell_groups("a", {group("s", {"1:1"})}, true);
  crash(pool("a"));
  apply({});
  advance(10min);
  CHECK(jobs().empty());
  for (auto& each : pools) CHECK(each.end.ended());
  apply({job("a")});
  CHECK_FALSE(pool("a").end.ended());
  CHECK(take_syncs(pool("a")) == texts{"!"});
}

TEST_CASE_METHOD(manager_fixture, "new services reach every pool") {
  start();
  apply({job("a"), job("b")});
  auto changed = make_services();
  tell(manager, use_services{changed});
  CHECK(pool("a").actor.received<use_services>() == std::vector{use_services{changed}});
  CHECK(pool("b").actor.received<use_services>() == std::vector{use_services{changed}});
  apply({job("a"), job("b"), job("c")});
  CHECK(pool("c").options.services == changed);
}

TEST_CASE_METHOD(manager_fixture,
                 "questions go to all pools or to one, and a pool that is down leaves its place empty") {
  start();
  apply({job("a"), job("b")});
  for (auto& each : pools) {
    each.actor.answer_with<get_targets, pool_targets>([name = each.job](const get_targets&) {
      pool_targets known;
      known.job = name;
      known.dropped_total = name == "a" ? 1 : 2;
      return known;
    });
  }
  auto all = ask<targets>(manager, get_targets{}).pools;
  REQUIRE(all.size() == 2);
  CHECK(all[0].dropped_total == 1);
  CHECK(all[1].dropped_total == 2);
  auto one = ask<targets>(manager, get_targets{.job = "b"}).pools;
  REQUIRE(one.size() == 1);
  CHECK(one[0].job == "b");
  CHECK(ask<targets>(manager, get_targets{.job = "c"}).pools.empty());
  crash(pool("a"));
  all = ask<targets>(manager, get_targets{}).pools;
  REQUIRE(all.size() == 2);
  CHECK(all[0].job == "a");
  CHECK(all[0].dropped_total == 0);
}

TEST_CASE_METHOD(manager_fixture, "a manager that ends takes its pools along") {
  start();
  apply({job("a"), job("b")});
  stop(manager);
  CHECK(pool("a").end.ended());
  CHECK(pool("b").end.ended());
}

namespace {

/// Real pools and loops under the manager; the ticker is played by the test.
struct real_manager_fixture : manager_fixture {
  real_manager_fixture() { start_real(); }

  /// Has every loop that wants it scrape this body, at the wall clock's time; the rest hear the tick as well.
  void scrape_all(const std::string& body) {
    for (const auto& each : ticker.take<schedule>()) sinks.insert_or_assign(each.sink.id(), each.sink);
    for (const auto& each : ticker.take<unschedule>()) sinks.erase(each.sink.id());
    for (const auto& [id, each] : sinks) tell(each, tick{wall_clock()});
    for (const auto& each : http.take<fetch>()) tell(each.sink, fetched{each.tag, ok(body)});
  }
  /// All that was delivered since the last look, later over earlier.
  std::map<std::string, std::string> delivered() {
    std::map<std::string, std::string> result;
    for (const auto& each : sink.take<samples>())
      for (auto& [name, value] : test::readable(*each.batch)) result[name] = value;
    return result;
  }
  static std::string name(const std::string& metric) {
    return "{__name__=\"" + metric + "\", instance=\"1:1\", job=\"a\"}";
  }

  std::map<uint64_t, tick_sink_actor> sinks;
};

}  // namespace

TEST_CASE_METHOD(real_manager_fixture, "the series of a removed job go stale before its pool ends") {
  apply({job("a")});
  tell_groups("a", {group("s", {"1:1"})}, true);
  scrape_all("m 1\n");
  CHECK(delivered().at(name("m")) == "1");
  apply({});
  for (int i = 0; i < 2; ++i) {
    advance(15s);
    scrape_all("m 1\n");
    CHECK(delivered().empty());
  }
  advance(1500ms);
  auto last = delivered();
  CHECK(last.at(name("m")) == "stale");
  CHECK(last.at(name("up")) == "stale");
  advance(1min);
  CHECK(delivered().empty());
}

TEST_CASE_METHOD(real_manager_fixture, "the series of a removed job's slow target go stale too") {
  apply({job("a")});
  auto slow = std::make_shared<target_group>(*group("s", {"1:1"}));
  slow->common = labels::of({{"__scrape_interval__", "60s"}});
  tell_groups("a", {slow}, true);
  scrape_all("m 1\n");
  CHECK(delivered().at(name("m")) == "1");
  apply({});
  for (int i = 0; i < 2; ++i) {
    advance(60s);
    scrape_all("m 1\n");
  }
  CHECK(delivered().empty());
  advance(6s);
  CHECK(delivered().at(name("m")) == "stale");
}

TEST_CASE_METHOD(real_manager_fixture, "a job that returns in time continues its series without a marker") {
  apply({job("a")});
  tell_groups("a", {group("s", {"1:1"})}, true);
  scrape_all("m 1\nn 1\n");
  delivered();
  apply({});
  advance(15s);
  scrape_all("");
  apply({job("a")});
  tell_groups("a", {group("s", {"1:1"})}, true);
  advance(15s);
  scrape_all("m 2\n");
  auto batch = delivered();
  CHECK(batch.at(name("m")) == "2");
  CHECK(batch.at(name("n")) == "stale");
  CHECK(batch.at(name("up")) == "1");
  advance(5min);
  CHECK(delivered().empty());
}
