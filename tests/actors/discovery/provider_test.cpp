#include "actors/discovery/provider.hpp"

#include "tests/support/actor_fixture.hpp"
#include "tests/support/target_groups.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;
using test::group;
using test::no_options;

namespace {

/// Each discoverer is a probe; `sink_of` is where it is to send its updates.
struct provider_fixture : test::actor_fixture {
  provider_fixture() {
    provider_options options;
    options.id = 7;
    options.configuration = {"fake", std::make_shared<no_options>()};
    options.job = "job";
    options.sink = manager.handle();
    options.services = std::make_shared<services>();
    options.environment = process();
    options.spawn_discoverer = [this](caf::actor_system& system, const sd_config&, discoverer_context context) {
      sinks.push_back(context.sink);
      discoverers.push_back(test::spawn_probe<discoverer_actor>(system));
      return discoverers.back().handle();
    };
    provider = adopt(spawn_provider(system(), options));
    settle();
  }

  void crash_discoverer() {
    caf::anon_send_exit(discoverers.back().handle(), caf::exit_reason::unhandled_exception);
    settle();
  }
  void send(update change) {
    act::tell(sinks.back(), std::move(change));
    settle();
  }
  std::vector<std::string> sources(const update& change) {
    std::vector<std::string> result;
    for (const auto& each : change.groups) result.push_back(each->source + (each->targets.empty() ? "-" : "+"));
    return result;
  }

  test::probe<target_sink_actor> manager = spawn_probe<target_sink_actor>();
  std::vector<target_sink_actor> sinks;
  std::vector<test::probe<discoverer_actor>> discoverers;
  provider_actor provider;
};

}  // namespace

TEST_CASE_METHOD(provider_fixture, "a provider passes on what differs from what it knows, under its own id") {
  send({{group("a", {"a:1"}), group("b", {"b:1"})}, true});
  auto first = manager.take<update>();
  REQUIRE(first.size() == 1);
  CHECK(first[0].origin == 7);
  CHECK(first[0].complete);
  CHECK(sources(first[0]) == std::vector<std::string>{"a+", "b+"});

  send({{group("a", {"a:1"}), group("b", {"b:2"})}, true});
  auto second = manager.take<update>();
  REQUIRE(second.size() == 1);
  CHECK_FALSE(second[0].complete);
  CHECK(sources(second[0]) == std::vector<std::string>{"b+"});

  send({{group("b", {"b:2"})}, true});
  auto third = manager.take<update>();
  REQUIRE(third.size() == 1);
  CHECK(sources(third[0]) == std::vector<std::string>{"a-"});

  send({{group("b", {"b:2"})}, true});
  CHECK(manager.take<update>().empty());
}

TEST_CASE_METHOD(provider_fixture, "an empty first update is passed on, so that it is known that nothing is there") {
  send({{}, true});
  CHECK(manager.take<update>().size() == 1);
}

TEST_CASE_METHOD(provider_fixture, "a crashed discoverer is restarted after a growing delay, and its targets stay") {
  send({{group("a", {"a:1"})}, true});
  manager.take<update>();
  crash_discoverer();
  CHECK(discoverers.size() == 1);
  CHECK(manager.take<update>().empty());
  auto down = ask<provider_status>(provider, get_provider_status{});
  CHECK_FALSE(down.running);
  CHECK(down.targets == 1);
  CHECK(down.next_attempt > wall_clock());
  CHECK_FALSE(down.last_error.empty());

  random_unit = 0;
  advance(1s);
  CHECK(discoverers.size() == 2);
  crash_discoverer();
  advance(1500ms);
  CHECK(discoverers.size() == 2);
  advance(500ms);
  CHECK(discoverers.size() == 3);
  auto up = ask<provider_status>(provider, get_provider_status{});
  CHECK(up.running);
  CHECK(up.restarts == 2);
  CHECK(manager.take<update>().empty());
}

TEST_CASE_METHOD(provider_fixture, "what vanished while the discoverer was down is withdrawn by its successor") {
  send({{group("a", {"a:1"}), group("b", {"b:1"})}, true});
  manager.take<update>();
  crash_discoverer();
  advance(1s);
  send({{group("b", {"b:1"}), group("c", {"c:1"})}, true});
  auto change = manager.take<update>();
  REQUIRE(change.size() == 1);
  CHECK(sources(change[0]) == std::vector<std::string>{"c+", "a-"});
}

TEST_CASE_METHOD(provider_fixture, "a discoverer that was healthy for long is restarted with the first delay again") {
  random_unit = 0;
  crash_discoverer();
  advance(1s);
  crash_discoverer();
  advance(2s);
  REQUIRE(discoverers.size() == 3);
  advance(10min);
  crash_discoverer();
  advance(1s);
  CHECK(discoverers.size() == 4);
}

TEST_CASE_METHOD(provider_fixture, "a provider that ends takes its discoverer along") {
  auto end = watch(discoverers.back().handle());
  stop(provider);
  CHECK(end.ended());
}
