#include "actors/discovery/provider.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/target_groups.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;
using test::group;
using test::no_options;

namespace {

/// One provider with a probe for a store and a probe for each discoverer.
struct snapshot_fixture : test::actor_fixture {
  snapshot_fixture() {
    options.id = 7;
    options.configuration = {"fake", std::make_shared<no_options>()};
    options.job = "job";
    options.sink = manager.handle();
    options.services = std::make_shared<services>();
    options.environment = process();
    options.snapshots = store.handle();
    options.snapshot = {"fake-1", "fake configuration"};
    options.spawn_discoverer = [this](caf::actor_system& system, const sd_config&, discoverer_context context) {
      sink = context.sink;
      discoverer.emplace(test::spawn_probe<discoverer_actor>(system));
      return discoverer->handle();
    };
    store.answer_with<store_snapshot, snapshot_stored>([this](const store_snapshot&) { return outcome; });
  }

  void start() {
    provider = adopt(spawn_provider(system(), options));
    settle();
  }
  void keep(std::vector<target_group_ptr> groups, std::chrono::milliseconds age = 1min) {
    auto kept = std::make_shared<group_snapshot>(
        group_snapshot{"fake configuration", wall_clock() - age.count(), std::move(groups)});
    store.answer_with<get_snapshot, stored_snapshot>([kept](const get_snapshot&) { return stored_snapshot{kept}; });
  }
  void send(update change) { tell(sink, std::move(change)); }
  provider_status status() { return ask<provider_status>(provider, get_provider_status{}); }

  /// The updates since the last call: "!" complete, "~" from a snapshot.
  std::vector<std::string> take_updates() {
    std::vector<std::string> result;
    for (const auto& each : manager.take<update>()) {
      std::string text = each.complete ? "!" : "";
      if (each.from_snapshot) text += '~';
      for (const auto& one : each.groups) text += ' ' + one->source + (one->targets.empty() ? "-" : "+");
      result.push_back(text);
    }
    return result;
  }
  /// The sources of the snapshots written since the last call.
  std::vector<std::string> take_written() {
    std::vector<std::string> result;
    for (const auto& each : store.take<store_snapshot>()) {
      std::string text;
      for (const auto& one : each.snapshot->groups) text += one->source;
      result.push_back(text);
    }
    return result;
  }

  using lines = std::vector<std::string>;

  test::probe<target_sink_actor> manager = spawn_probe<target_sink_actor>();
  test::probe<snapshot_store_actor> store = spawn_probe<snapshot_store_actor>();
  snapshot_stored outcome{10, ""};
  provider_options options;
  provider_actor provider;
  target_sink_actor sink;
  std::optional<test::probe<discoverer_actor>> discoverer;
};

}  // namespace

// -- restoring --------------------------------------------------------------------------------------------------------

TEST_CASE_METHOD(snapshot_fixture, "what an earlier process knew is in force when the source is silent for the grace") {
  keep({group("a", {"a:1"}), group("b", {"b:1", "b:2"})});
  start();
  advance(1999ms);
  CHECK(take_updates().empty());
  CHECK(status().snapshot_time == 0);
  CHECK_FALSE(status().delivered);

  advance(1ms);
  CHECK(take_updates() == lines{"~ a+ b+"});
  CHECK(status().snapshot_time == wall_clock() - 62'000);
  CHECK(status().targets == 3);
  CHECK_THAT(metrics().render(), Catch::Contains("rollcall_discovery_snapshot_timestamp_seconds{"));
  advance(1h);
  CHECK(take_updates().empty());
  CHECK(take_written().empty());

  SECTION("and is replaced as a whole by the first complete update") {
    send({{group("b", {"b:1", "b:2"}), group("c", {"c:1"})}, true});
    CHECK(take_updates() == lines{"! b+ c+"});
    CHECK(status().snapshot_time == 0);
    CHECK(status().delivered);
    CHECK_THAT(metrics().render(), !Catch::Contains("rollcall_discovery_snapshot_timestamp_seconds{"));
    send({{group("c", {})}});
    CHECK(take_updates() == lines{" c-"});
  }
  SECTION("and takes parts in until then") {
    send({{group("c", {"c:1"}), group("a", {})}});
    CHECK(take_updates() == lines{"~ c+ a-"});
    auto confirmed = status().snapshot_time;
    advance(1h);
    REQUIRE(store.received<store_snapshot>().size() == 1);
    CHECK(store.received<store_snapshot>()[0].snapshot->confirmed == confirmed);
    CHECK(take_written() == lines{"bc"});
    send({{group("b", {"b:1", "b:2"})}, true});
    CHECK(take_updates() == lines{"! b+"});
  }
}

TEST_CASE_METHOD(snapshot_fixture, "a source that answers within the grace makes a start like any other") {
  keep({group("a", {"a:1"})});
  start();
  advance(1s);
  send({{group("b", {"b:1"})}, true});
  CHECK(take_updates() == lines{"! b+"});
  advance(10s);
  CHECK(take_updates().empty());
}

TEST_CASE_METHOD(snapshot_fixture, "a part that comes within the grace is not taken for everything") {
  keep({group("a", {"a:1"})});
  start();
  send({{group("b", {"b:1"})}});
  CHECK(take_updates() == lines{"~ a+", "~ b+"});
}

TEST_CASE_METHOD(snapshot_fixture, "what comes while the snapshot is read is taken once it has been read") {
  keep({group("a", {"a:1"})});
  act::tell(provider = adopt(spawn_provider(system(), options)), update{{group("b", {"b:1"})}, true});
  settle();
  CHECK(take_updates() == lines{"! b+"});
  CHECK(status().targets == 1);
}

TEST_CASE_METHOD(snapshot_fixture, "without a store that answers a provider starts as without a snapshot") {
  stop(store.handle());
  start();
  send({{group("b", {"b:1"})}});
  CHECK(take_updates() == lines{"! b+"});
}

TEST_CASE_METHOD(snapshot_fixture, "a snapshot that is too old, or another's, is of no use") {
  SECTION("too old") { keep({group("a", {"a:1"})}, 7 * 24h + 1s); }
  SECTION("of another configuration") {
    auto other = std::make_shared<group_snapshot>(group_snapshot{"other", wall_clock(), {group("a", {"a:1"})}});
    store.answer_with<get_snapshot, stored_snapshot>([other](const get_snapshot&) { return stored_snapshot{other}; });
  }
  start();
  advance(1min);
  CHECK(take_updates().empty());
}

TEST_CASE_METHOD(snapshot_fixture, "a provider without a name for its snapshot neither reads nor writes one") {
  options.snapshot = {};
  keep({group("a", {"a:1"})});
  start();
  send({{group("b", {"b:1"})}, true});
  advance(2h);
  CHECK(take_updates() == lines{"! b+"});
  CHECK(store.take<get_snapshot>().empty());
  CHECK(take_written().empty());
}

// -- preserving -------------------------------------------------------------------------------------------------------

TEST_CASE_METHOD(snapshot_fixture, "changes gather before they are written, and without changes nothing is") {
  start();
  send({{group("a", {"a:1"}), group("c", {"c:1"})}, true});
  advance(4s);
  send({{group("b", {"b:1"})}});
  CHECK(take_written().empty());
  advance(1s);
  auto orders = store.received<store_snapshot>();
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].name == "fake-1");
  CHECK(orders[0].snapshot->configuration == "fake configuration");
  CHECK(orders[0].snapshot->confirmed == wall_clock() - 1000);
  CHECK(take_written() == lines{"abc"});

  send({{group("a", {"a:1"}), group("b", {"b:1"}), group("c", {"c:1"})}, true});
  advance(10min);
  CHECK(take_written().empty());
}

TEST_CASE_METHOD(snapshot_fixture, "a large snapshot is written less often") {
  outcome.bytes = 60 << 20;
  start();
  send({{group("a", {"a:1"})}, true});
  advance(5s);
  CHECK(take_written() == lines{"a"});
  send({{group("b", {"b:1"})}});
  advance(59s);
  CHECK(take_written().empty());
  advance(1s);
  CHECK(take_written() == lines{"ab"});
}

TEST_CASE_METHOD(snapshot_fixture, "what could not be written is tried again, and shows meanwhile") {
  outcome = {0, "disk full"};
  start();
  send({{group("a", {"a:1"})}, true});
  advance(5s);
  CHECK(take_written() == lines{"a"});
  CHECK(status().snapshot_error == "disk full");
  outcome = {10, ""};
  advance(1min);
  CHECK(take_written() == lines{"a"});
  CHECK(status().snapshot_error.empty());
  advance(20min);
  CHECK(take_written().empty());
}

TEST_CASE_METHOD(snapshot_fixture, "a new store gets what the old one did not take") {
  start();
  send({{group("a", {"a:1"})}, true});
  stop(store.handle());
  advance(5s);
  CHECK_FALSE(status().snapshot_error.empty());
  auto successor = spawn_probe<snapshot_store_actor>();
  tell(provider, use_snapshot_store{successor.handle()});
  advance(1min);
  CHECK(successor.take<store_snapshot>().size() == 1);
}

TEST_CASE_METHOD(snapshot_fixture, "a source in order has its snapshot's time renewed, one in trouble has not") {
  start();
  send({{group("a", {"a:1"})}, true});
  advance(5s);
  CHECK(take_written() == lines{"a"});
  discoverer_status trouble;
  trouble.last_error = "connection refused";
  discoverer->answer_with<get_discoverer_status, discoverer_status>(
      [&](const get_discoverer_status&) { return trouble; });
  advance(2h);
  CHECK(take_written().empty());
  trouble.last_error.clear();
  advance(30min);
  auto renewed = store.take<store_snapshot>();
  REQUIRE(renewed.size() == 1);
  CHECK(wall_clock() - renewed[0].snapshot->confirmed < 30 * 60'000);
}

// -- holding back -----------------------------------------------------------------------------------------------------

TEST_CASE_METHOD(snapshot_fixture, "targets that suddenly are missing are held back, shown, and let go in the end") {
  options.guard = {.share = 0.5, .hold = 10min};
  start();
  send({{group("a", {"a:1", "a:2"}), group("b", {"b:1"})}, true});
  advance(5s);
  take_written();
  take_updates();

  send({{group("b", {"b:1"})}, true});
  CHECK(take_updates() == lines{" a- held back: a+"});
  auto held = status();
  CHECK(held.held_targets == 2);
  CHECK(held.held_until == wall_clock() + 600'000);
  CHECK(held.targets == 3);
  CHECK_THAT(metrics().render(),
             Catch::Contains("rollcall_discovery_held_targets{config=\"job\",mechanism=\"fake\"} 2\n"));
  advance(599s);
  CHECK(take_written().empty());
  CHECK(take_updates().empty());

  advance(1s);
  CHECK(take_updates() == lines{" held back: a-"});
  CHECK(status().held_targets == 0);
  CHECK(status().held_until == 0);
  CHECK_THAT(metrics().render(),
             Catch::Contains("rollcall_discovery_held_targets{config=\"job\",mechanism=\"fake\"} 0\n"));
  CHECK_THAT(metrics().render(),
             Catch::Contains("rollcall_discovery_removals_held_total{config=\"job\",mechanism=\"fake\"} 1\n"));
  advance(5s);
  CHECK(take_written() == lines{"b"});
}

TEST_CASE_METHOD(snapshot_fixture, "a source that lost its memory during a restart is held against the snapshot") {
  options.guard = {.share = 0.5, .hold = 10min};
  keep({group("a", {"a:1"}), group("b", {"b:1"})});
  start();
  send({{}, true});
  CHECK(take_updates() == lines{"! held back: a+ held back: b+"});
  CHECK(status().held_targets == 2);
  advance(10min);
  CHECK(take_updates() == lines{" held back: a- held back: b-"});
}

TEST_CASE_METHOD(snapshot_fixture, "a clock that is set back makes a hold longer, not endless") {
  options.guard = {.share = 0.5, .hold = 10min};
  start();
  send({{group("a", {"a:1"})}, true});
  send({{}, true});
  take_updates();
  wall_clock_base -= 60'000;
  advance(10min);
  CHECK(take_updates().empty());
  advance(1min);
  CHECK(take_updates() == lines{" held back: a-"});
}

TEST_CASE_METHOD(snapshot_fixture, "a provider that ends takes what it holds out of the metrics") {
  options.guard = {.share = 0.5, .hold = 10min};
  start();
  auto others = metrics().removals("fake", "job");
  send({{group("a", {"a:1"})}, true});
  send({{}, true});
  CHECK(others->held_targets.Value() == 1);
  stop(provider);
  CHECK(others->held_targets.Value() == 0);
}
