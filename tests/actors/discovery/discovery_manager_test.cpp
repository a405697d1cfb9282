#include "actors/discovery/discovery_manager.hpp"

#include "tests/support/actor_fixture.hpp"
#include "tests/support/target_groups.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;
using test::group;

namespace {

struct named_options : sd_options {
  explicit named_options(std::string name) : name(std::move(name)) {}
  bool equals(const sd_options& other) const override { return name == static_cast<const named_options&>(other).name; }
  void write(yaml_writer&) const override {}
  std::string name;
};

sd_config sd(const std::string& name) { return {"fake", std::make_shared<named_options>(name)}; }

/// Providers are probes, listed by the name in their options.
struct manager_fixture : test::actor_fixture {
  manager_fixture() {
    options.services = std::make_shared<services>();
    options.environment = process();
    options.spawn_provider = [this](caf::actor_system& system, provider_options wanted) {
      auto name = static_cast<const named_options&>(*wanted.configuration.options).name;
      auto spawned = test::spawn_probe<provider_actor>(system);
      spawns.push_back(name);
      ids[name] = wanted.id;
      snapshots[name] = wanted.snapshot.name;
      endings.emplace_back(name, test::ending(system, spawned.handle()));
      providers.insert_or_assign(name, spawned);
      return spawned.handle();
    };
    manager = adopt(spawn_discovery_manager(system(), options));
    settle();
  }

  void apply(std::vector<discovery_job> jobs) {
    tell(manager, apply_discovery{std::move(jobs)});
    advance(100ms);
  }
  void deliver(const std::string& provider, std::vector<target_group_ptr> groups, bool complete = false) {
    tell(manager, update{std::move(groups), complete, ids.at(provider)});
  }
  void deliver_snapshot(const std::string& provider, std::vector<target_group_ptr> groups) {
    tell(manager, update{std::move(groups), false, ids.at(provider), true});
  }
  std::vector<std::string> take_changes() {
    std::vector<std::string> result;
    for (const auto& each : sink.take<rollcall::sync>())
      for (const auto& job : each.jobs) {
        std::string text = job.job + (job.complete ? "!" : ":");
        for (const auto& change : job.changes)
          text += ' ' + change.group->source + (change.group->targets.empty() ? "-" : "+");
        result.push_back(text);
      }
    return result;
  }
  bool ended(const std::string& provider) const {
    return std::any_of(endings.begin(), endings.end(),
                       [&](const auto& each) { return each.first == provider && each.second.ended(); });
  }

  test::probe<sync_sink_actor> sink = spawn_probe<sync_sink_actor>();
  std::vector<std::string> spawns;
  std::map<std::string, provider_id> ids;
  std::map<std::string, std::string> snapshots;  // their names, by that of the provider
  std::map<std::string, test::probe<provider_actor>> providers;
  std::vector<std::pair<std::string, test::ending>> endings;
  discovery_manager_options options;
  discovery_manager_actor manager;
};

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE_METHOD(manager_fixture,
                 "jobs with equal configurations share a provider, which lives as long as one of them") {
  tell(manager, use_sync_sink{sink});
  apply({{"a", {sd("x")}}, {"b", {sd("x"), sd("y")}}});
  CHECK(spawns == texts{"x", "y"});
  deliver("x", {group("s", {"1:1"})}, true);
  advance(100ms);
  CHECK(take_changes() == texts{"a! s+", "b: s+"});
  deliver("y", {}, true);
  advance(100ms);
  CHECK(take_changes() == texts{"b! s+"});

  apply({{"b", {sd("x")}}});
  CHECK(spawns == texts{"x", "y"});
  CHECK_FALSE(ended("x"));
  CHECK(ended("y"));
  apply({});
  CHECK(ended("x"));
}

TEST_CASE_METHOD(manager_fixture, "a reload that keeps a job as it was says nothing about it") {
  tell(manager, use_sync_sink{sink});
  apply({{"a", {sd("x")}}});
  deliver("x", {group("s", {"1:1"})}, true);
  advance(100ms);
  take_changes();
  apply({{"a", {sd("x")}}, {"b", {sd("x")}}});
  CHECK(spawns == texts{"x"});
  CHECK(take_changes() == texts{"b! s+"});
}

TEST_CASE_METHOD(manager_fixture, "only the sources that changed are named") {
  tell(manager, use_sync_sink{sink});
  apply({{"a", {sd("x")}}});
  deliver("x", {group("s", {"1:1"}), group("t", {"2:1"})}, true);
  advance(100ms);
  CHECK(take_changes() == texts{"a! s+ t+"});
  deliver("x", {group("t", {"2:2"})});
  advance(100ms);
  CHECK(take_changes() == texts{"a: t+"});
  deliver("x", {group("t", {})});
  advance(100ms);
  CHECK(take_changes() == texts{"a: t-"});
}

TEST_CASE_METHOD(manager_fixture, "a lone change is sent within 100 ms, a storm is coalesced and loses nothing") {
  tell(manager, use_sync_sink{sink});
  apply({{"a", {sd("x")}}});
  advance(10s);
  take_changes();
  deliver("x", {group("s", {"1:1"})});
  advance(100ms);
  CHECK(take_changes() == texts{"a! s+"});

  std::set<std::string> seen;
  size_t syncs = 0;
  for (int i = 0; i < 1000; ++i) {
    deliver("x", {group("g" + std::to_string(i), {"1:1"})});
    advance(10ms);
    for (const auto& each : sink.take<rollcall::sync>()) {
      ++syncs;
      for (const auto& change : each.jobs.at(0).changes) seen.insert(change.group->source);
    }
  }
  advance(1s);
  for (const auto& each : sink.take<rollcall::sync>())
    for (const auto& change : each.jobs.at(0).changes) seen.insert(change.group->source);
  CHECK(seen.size() == 1000);
  CHECK(syncs < 60);  // in ten seconds
}

TEST_CASE_METHOD(manager_fixture, "a changed discovery keeps the old targets until the new one has delivered") {
  tell(manager, use_sync_sink{sink});
  apply({{"a", {sd("x")}}});
  deliver("x", {group("s", {"1:1"})}, true);
  advance(100ms);
  take_changes();
  apply({{"a", {sd("y")}}});
  advance(10s);
  CHECK(take_changes().empty());
  deliver("y", {group("s2", {"1:1"})}, true);
  advance(1s);
  CHECK(take_changes() == texts{"a: s2+ s-"});
}

TEST_CASE_METHOD(manager_fixture, "a new sync sink is told everything") {
  apply({{"a", {sd("x")}}, {"b", {sd("y")}}});
  deliver("x", {group("s", {"1:1"})}, true);
  advance(1s);
  CHECK(take_changes().empty());
  tell(manager, use_sync_sink{sink});
  advance(100ms);
  CHECK(take_changes() == texts{"a! s+"});
  deliver("y", {}, true);
  advance(100ms);
  CHECK(take_changes() == texts{"b!"});
  auto another = spawn_probe<sync_sink_actor>();
  tell(manager, use_sync_sink{another});
  advance(1s);
  CHECK(another.received<rollcall::sync>().size() == 1);
}

TEST_CASE_METHOD(manager_fixture, "a provider that crashed is restarted and its targets stay") {
  tell(manager, use_sync_sink{sink});
  apply({{"a", {sd("x")}}});
  deliver("x", {group("s", {"1:1"}), group("t", {"2:1"})}, true);
  advance(1s);
  take_changes();
  caf::anon_send_exit(providers.at("x").handle(), caf::exit_reason::unhandled_exception);
  advance(2s);
  CHECK(spawns == texts{"x", "x"});
  CHECK(take_changes().empty());
  // The successor knows nothing: its first update is complete, what it does not name is gone, what is equal stays.
  deliver("x", {group("t", {"2:1"})}, true);
  advance(1s);
  CHECK(take_changes() == texts{"a: s-"});
  auto status = ask<discovery_status>(manager, get_discovery_status{});
  REQUIRE(status.providers.size() == 1);
  CHECK(status.providers[0].restarts == 1);
  CHECK(status.providers[0].jobs == texts{"a"});
}

TEST_CASE_METHOD(manager_fixture, "what a slow provider will find is not withdrawn before it has answered") {
  tell(manager, use_sync_sink{sink});
  apply({{"a", {sd("x"), sd("y")}}});
  advance(1min);
  CHECK(take_changes().empty());
  // The quick one's targets do not wait for the slow one.
  deliver("x", {group("s", {"1:1"})}, true);
  advance(1s);
  CHECK(take_changes() == texts{"a: s+"});
  deliver("x", {group("s", {"1:2"}), group("t", {"2:1"})});
  advance(1s);
  CHECK(take_changes() == texts{"a: s+ t+"});
  deliver("y", {group("u", {"3:1"})}, true);
  advance(1s);
  CHECK(take_changes() == texts{"a! s+ t+ u+"});
  deliver("y", {group("u", {})});
  advance(1s);
  CHECK(take_changes() == texts{"a: u-"});
}

TEST_CASE_METHOD(manager_fixture, "a slow provider that is not wanted any more is not waited for") {
  tell(manager, use_sync_sink{sink});
  apply({{"a", {sd("x"), sd("y")}}});
  deliver("x", {group("s", {"1:1"})}, true);
  advance(1s);
  take_changes();
  apply({{"a", {sd("x")}}});
  advance(1s);
  CHECK(take_changes() == texts{"a! s+"});
}

TEST_CASE_METHOD(manager_fixture, "a new sink is told at once what is known, also while a provider is still slow") {
  tell(manager, use_sync_sink{sink});
  apply({{"a", {sd("x"), sd("y")}}});
  deliver("x", {group("s", {"1:1"})}, true);
  advance(1s);
  auto another = spawn_probe<sync_sink_actor>();
  tell(manager, use_sync_sink{another});
  advance(1s);
  auto syncs = another.received<rollcall::sync>();
  REQUIRE(syncs.size() == 1);
  CHECK(syncs[0].jobs.at(0).changes.at(0).group->source == "s");
}

TEST_CASE_METHOD(manager_fixture, "providers of a later manager are not mistaken for those of an earlier one") {
  apply({{"a", {sd("x")}}});
  auto before = ids.at("x");
  stop(manager);
  manager = adopt(spawn_discovery_manager(system(), options));
  apply({{"a", {sd("x")}}});
  CHECK(ids.at("x") != before);
}

TEST_CASE_METHOD(manager_fixture, "a provider that was healthy for long is restarted with the first delay again") {
  random_unit = 0;
  apply({{"a", {sd("x")}}});
  auto crash = [&] {
    caf::anon_send_exit(providers.at("x").handle(), caf::exit_reason::unhandled_exception);
    settle();
  };
  crash();
  advance(1s);
  crash();
  advance(1999ms);
  CHECK(spawns.size() == 2);
  advance(1ms);
  CHECK(spawns.size() == 3);
  advance(2min);
  crash();
  advance(1s);
  CHECK(spawns.size() == 4);
}

// -- snapshots --------------------------------------------------------------------------------------------------------

namespace {

struct snapshot_manager_fixture : manager_fixture {
  snapshot_manager_fixture() {
    stop(manager);
    options.spawn_snapshot_store = [this](caf::actor_system& system) {
      stores.push_back(test::spawn_probe<snapshot_store_actor>(system));
      return stores.back().handle();
    };
    manager = adopt(spawn_discovery_manager(this->system(), options));
    settle();
    tell(manager, use_sync_sink{sink});
  }

  texts wanted() { return stores.back().received<keep_snapshots>().back().names; }

  std::vector<test::probe<snapshot_store_actor>> stores;
};

}  // namespace

TEST_CASE_METHOD(snapshot_manager_fixture, "what comes from a snapshot is scraped, and makes nothing else go") {
  apply({{"a", {sd("x")}}});
  deliver("x", {group("s", {"1:1"})}, true);
  advance(100ms);
  CHECK(take_changes() == texts{"a! s+"});

  // Another configuration takes the place of the first.
  apply({{"a", {sd("y")}}});
  deliver_snapshot("y", {group("t", {"2:1"})});
  advance(1s);
  CHECK(take_changes() == texts{"a: t+"});
  deliver("y", {group("t", {"2:1"})}, true);
  advance(1s);
  CHECK(take_changes() == texts{"a: s-"});
}

TEST_CASE_METHOD(snapshot_manager_fixture, "what a provider delivered counts more than its successor's snapshot") {
  apply({{"a", {sd("x")}}});
  deliver("x", {group("s", {"1:1"}), group("t", {"2:1"})}, true);
  advance(100ms);
  take_changes();
  deliver_snapshot("x", {group("s", {"old:1"})});
  advance(1s);
  CHECK(take_changes().empty());
  deliver("x", {group("s", {"1:1"})}, true);
  advance(1s);
  CHECK(take_changes() == texts{"a: t-"});
}

TEST_CASE_METHOD(snapshot_manager_fixture, "configurations that differ in secrets alone have snapshots of their own") {
  apply({{"a", {sd("x"), sd("y")}}});
  CHECK(snapshots.at("y") == snapshots.at("x") + "-1");
  CHECK(wanted() == texts{snapshots.at("x"), snapshots.at("y")});

  // One whose secret was changed goes on with the snapshot it had.
  apply({{"a", {sd("z"), sd("y")}}});
  CHECK(snapshots.at("z") == snapshots.at("x"));
  CHECK(wanted() == texts{snapshots.at("y"), snapshots.at("z")});
  apply({});
  CHECK(wanted().empty());
}

TEST_CASE_METHOD(snapshot_manager_fixture, "a store that ended is replaced, and providers hear of it") {
  apply({{"a", {sd("x")}}});
  caf::anon_send_exit(stores.back().handle(), caf::exit_reason::unhandled_exception);
  settle();
  advance(1s);
  REQUIRE(stores.size() == 2);
  CHECK(providers.at("x").received<use_snapshot_store>() == std::vector{use_snapshot_store{stores.back().handle()}});
  CHECK(wanted() == texts{snapshots.at("x")});
}

TEST_CASE("a snapshot's name follows from the configuration, and static and file discovery have none") {
  auto same = identify_snapshot(sd("x"), 0);
  CHECK(same == identify_snapshot(sd("y"), 0));
  CHECK(same.name.starts_with("fake-"));
  CHECK(same.name.size() == std::string("fake-").size() + 16);
  CHECK(identify_snapshot({"other", sd("x").options}, 0).configuration != same.configuration);
  CHECK(identify_snapshot({"static", sd("x").options}, 0).name.empty());
  CHECK(identify_snapshot({"file", sd("x").options}, 0).name.empty());
}
