#include "actors/discovery/zookeeper/zookeeper_discoverer.hpp"

#include "actors/discovery/nerve_sd/nerve_sd.hpp"
#include "actors/discovery/serverset_sd/serverset_sd.hpp"
#include "tests/support/services_fixture.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

struct zookeeper_fixture : test::services_fixture {
  zookeeper_fixture() {
    options->servers = {"zk:2181"};
    options->paths = {"/nerve"};
    options->timeout = 7s;
    discoverer = adopt(nerve_sd().spawn(system(), options, {targets.handle(), announced, process(), "j"}));
    settle();
    orders = zookeeper.take<watch_znodes>();
  }

  void tell_changes(std::vector<znode_change> changes, bool complete) {
    tell(orders.at(0).sink, znodes_changed{{std::move(changes), complete}});
  }
  discoverer_status status() { return ask<discoverer_status>(discoverer, get_discoverer_status{}); }
  double watched() { return metrics().discovery.zookeeper_watchers.Value(); }

  std::shared_ptr<zookeeper_sd_options> options = std::make_shared<zookeeper_sd_options>();
  test::probe<target_sink_actor> targets = spawn_probe<target_sink_actor>();
  std::vector<watch_znodes> orders;
  discoverer_actor discoverer;
};

const std::string member = R"({"host": "h", "port": 80, "name": "n"})";

}  // namespace

TEST_CASE("a member of a server set is a target with all its endpoints") {
  auto target = parse_serverset_member(
      R"({"serviceEndpoint": {"host": "h", "port": 80}, "status": "ALIVE", "shard": 7, "other": [],
          "additionalEndpoints": {"health-check": {"host": "x", "port": 81}}})",
      "/p/m");
  REQUIRE(target);
  CHECK(*target == labels::of({{"__address__", "h:80"},
                               {"__meta_serverset_path", "/p/m"},
                               {"__meta_serverset_endpoint_host", "h"},
                               {"__meta_serverset_endpoint_port", "80"},
                               {"__meta_serverset_endpoint_host_health_check", "x"},
                               {"__meta_serverset_endpoint_port_health_check", "81"},
                               {"__meta_serverset_status", "ALIVE"},
                               {"__meta_serverset_shard", "7"}}));
}

TEST_CASE("a service of nerve is a target") {
  auto target = parse_nerve_member(R"({"Host": "fd00::1", "PORT": 80, "name": "n"})", "/p/m");
  REQUIRE(target);
  CHECK(*target == labels::of({{"__address__", "[fd00::1]:80"},
                               {"__meta_nerve_path", "/p/m"},
                               {"__meta_nerve_endpoint_host", "fd00::1"},
                               {"__meta_nerve_endpoint_port", "80"},
                               {"__meta_nerve_endpoint_name", "n"}}));
}

TEST_CASE("what a member leaves out is empty or zero") {
  CHECK(parse_nerve_member("{}", "/p")->get("__address__") == ":0");
  CHECK(parse_nerve_member(R"({"host": null, "port": null})", "/p")->get("__address__") == ":0");
  CHECK(parse_nerve_member("null", "/p")->get("__address__") == ":0");
  CHECK(parse_nerve_member(R"({"HOST": "h", "Port": 1})", "/p")->get("__address__") == "h:1");
  auto target = parse_serverset_member("{}", "/p");
  REQUIRE(target);
  CHECK(target->get("__address__") == ":0");
  CHECK(target->get("__meta_serverset_shard") == "0");
}

TEST_CASE("data of another shape is no member") {
  for (const char* bad : {"", "nonsense", "3", "[]", "\"x\"", R"({"host": 1})", R"({"port": "80"})",
                          R"({"port": 80.5})", R"({"port": 99999999999999999999})", "{", R"({"host": "h"} x)"}) {
    INFO(bad);
    CHECK_FALSE(parse_nerve_member(bad, "/p"));
  }
  for (const char* bad : {"", R"({"serviceEndpoint": "x"})", R"({"shard": "x"})", R"({"additionalEndpoints": []})",
                          R"({"additionalEndpoints": {"a": 1}})", R"({"status": 1})"}) {
    INFO(bad);
    CHECK_FALSE(parse_serverset_member(bad, "/p"));
  }
}

TEST_CASE_METHOD(zookeeper_fixture, "it watches the paths of its configuration") {
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].servers == std::vector<std::string>{"zk:2181"});
  CHECK(orders[0].paths == std::vector<std::string>{"/nerve"});
  CHECK(orders[0].session_timeout == 7s);
}

TEST_CASE_METHOD(zookeeper_fixture, "every znode is a source, with a target where its data is a member") {
  tell_changes({{"/nerve", ""}, {"/nerve/a", member}}, true);
  auto updates = targets.take<update>();
  REQUIRE(updates.size() == 1);
  CHECK(updates[0].complete);
  REQUIRE(updates[0].groups.size() == 2);
  CHECK(updates[0].groups[0]->source == "/nerve");
  CHECK(updates[0].groups[0]->targets.empty());
  CHECK(updates[0].groups[1]->source == "/nerve/a");
  CHECK(updates[0].groups[1]->targets.size() == 1);
  CHECK(status().last_success == wall_clock());
  CHECK(watched() == 2);
  tell_changes({{"/nerve/a", std::nullopt}, {"/nerve/b", "nonsense"}}, false);
  updates = targets.take<update>();
  REQUIRE(updates.size() == 1);
  CHECK_FALSE(updates[0].complete);
  for (const auto& group : updates[0].groups) CHECK(group->targets.empty());
  CHECK(watched() == 2);
}

TEST_CASE_METHOD(zookeeper_fixture, "trouble changes nothing, is counted, and is over with the next change") {
  tell_changes({{"/nerve/a", member}}, true);
  targets.take<update>();
  tell(orders.at(0).sink, znodes_unreadable{"lost zk:2181"});
  CHECK(targets.received<update>().empty());
  CHECK(status().failures == 1);
  CHECK(status().last_error == "lost zk:2181");
  CHECK(metrics().discovery.zookeeper_failures.Value() == 1);
  CHECK(watched() == 1);
  tell_changes({}, true);
  CHECK(status().last_error.empty());
  CHECK(watched() == 0);
}

TEST_CASE_METHOD(zookeeper_fixture, "a client that was started again is asked again, others are not") {
  auto successor = spawn_probe<zookeeper_client_actor>();
  auto replaced = std::make_shared<services>(*announced);
  replaced->zookeeper = successor.handle();
  tell(discoverer, use_services{replaced});
  CHECK(successor.take<watch_znodes>().size() == 1);
  auto changed = std::make_shared<services>(*replaced);
  changed->sinks.clear();
  tell(discoverer, use_services{changed});
  CHECK(successor.received<watch_znodes>().empty());
}

TEST_CASE_METHOD(test::services_fixture, "what a discoverer watched is not counted any more when it has ended") {
  auto options = std::make_shared<zookeeper_sd_options>();
  auto targets = spawn_probe<target_sink_actor>();
  auto discoverer = nerve_sd().spawn(system(), options, {targets.handle(), announced, process(), "j"});
  settle();
  auto orders = zookeeper.take<watch_znodes>();
  tell(orders.at(0).sink, znodes_changed{{{{"/a", ""}}, true}});
  CHECK(metrics().discovery.zookeeper_watchers.Value() == 1);
  act::stop(discoverer);
  settle();
  CHECK(metrics().discovery.zookeeper_watchers.Value() == 0);
}
