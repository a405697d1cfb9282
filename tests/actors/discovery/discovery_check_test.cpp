#include "actors/discovery/discovery_check.hpp"

#include "actors/discovery/discovery_manager.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/target_groups.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;
using test::no_options;

namespace {

target_group_ptr group(const std::string& source) {
  auto result = std::make_shared<target_group>();
  result->source = source;
  result->targets.push_back(labels::of({{"__address__", source + ":80"}}));
  return result;
}

/// A check of a job with two mechanisms, whose discoverers are probes.
struct check_fixture : test::actor_fixture {
  check_fixture() {
    discovery_manager_options manager;
    manager.services = std::make_shared<services>();
    manager.environment = process();
    manager.spawn_discoverer = [this](caf::actor_system& system, const sd_config& wanted, discoverer_context context) {
      sinks[wanted.mechanism] = context.sink;
      discoverers.push_back(test::spawn_probe<discoverer_actor>(system));
      return discoverers.back().handle();
    };
    discovery_check_options options;
    options.job = {"job", {{"one", std::make_shared<no_options>()}, {"two", std::make_shared<no_options>()}}};
    options.spawn_manager = [manager](caf::actor_system& system) { return spawn_discovery_manager(system, manager); };
    options.timeout = 30s;
    options.done = [this](discovery_findings found) { findings.push_back(std::move(found)); };
    spawn_discovery_check(system(), options);
    settle();
  }

  std::vector<std::string> sources() const {
    std::vector<std::string> result;
    for (const auto& change : findings.at(0).groups) result.push_back(change.group->source);
    return result;
  }

  std::map<std::string, target_sink_actor> sinks;
  std::vector<test::probe<discoverer_actor>> discoverers;
  std::vector<discovery_findings> findings;
};

}  // namespace

TEST_CASE_METHOD(check_fixture, "tells what was found as soon as every mechanism has said everything") {
  tell(sinks.at("two"), update{{group("b"), group("a")}, true});
  advance(5s);
  CHECK(findings.empty());

  tell(sinks.at("one"), update{{group("c")}, true});
  advance(10s);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].complete);
  CHECK(sources() == std::vector<std::string>{"c", "a", "b"});
  CHECK(findings[0].providers.size() == 2);
}

TEST_CASE_METHOD(check_fixture, "tells what there is when the time is over, and which mechanism kept it waiting") {
  tell(sinks.at("one"), update{{group("a")}, true});
  advance(29s);
  CHECK(findings.empty());

  advance(20s);
  REQUIRE(findings.size() == 1);
  CHECK_FALSE(findings[0].complete);
  CHECK(sources() == std::vector<std::string>{"a"});
  REQUIRE(findings[0].providers.size() == 2);
  CHECK(findings[0].providers[0].last_success > 0);
  CHECK(findings[0].providers[1].mechanism == "two");
  CHECK(findings[0].providers[1].last_success == 0);

  advance(1h);
  CHECK(findings.size() == 1);
}
