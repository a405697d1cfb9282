#include "actors/discovery/marathon_sd/marathon_sd.hpp"

#include "actors/discovery/marathon_sd/marathon_sd_options.hpp"
#include "tests/support/services_fixture.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

result<std::vector<target_group>> read(const std::string& body) {
  return read_marathon_apps(test::services_fixture::ok(body));
}

target_group app(const std::string& fields) {
  auto groups = read(R"({"apps": [{"id": "/app", )" + fields + "}]}");
  REQUIRE(groups);
  REQUIRE(groups->size() == 1);
  return groups->front();
}

std::vector<std::string> endpoints(const target_group& group) {
  std::vector<std::string> all;
  for (const auto& target : group.targets) all.emplace_back(target.get("__address__"));
  return all;
}

using texts = std::vector<std::string>;

const std::string two_tasks = R"("tasks": [{"id": "t1", "host": "h1", "ports": [31000, 31001]},
                                           {"id": "t2", "host": "h2", "ports": [32000, 32001]}])";

}  // namespace

TEST_CASE("an app is a group with what is known of all its tasks") {
  auto group = app(R"("labels": {"team.name": "a", "tier": "b"}, "container": {"docker": {"image": "repo/img:1"}},
                      "tasks": [])");
  CHECK(group.source == "/app");
  CHECK(group.common == labels::of({{"__meta_marathon_app", "/app"},
                                    {"__meta_marathon_image", "repo/img:1"},
                                    {"__meta_marathon_app_label_team_name", "a"},
                                    {"__meta_marathon_app_label_tier", "b"}}));
  CHECK(group.targets.empty());
}

TEST_CASE("without any declaration each task's own ports count") {
  auto group = app(two_tasks);
  CHECK(endpoints(group) == texts{"h1:31000", "h1:31001", "h2:32000", "h2:32001"});
  CHECK(group.targets[1] ==
        labels::of({{"__address__", "h1:31001"}, {"__meta_marathon_task", "t1"}, {"__meta_marathon_port_index", "1"}}));
}

TEST_CASE("mapped ports are the host's, taken from the task where the app leaves them open") {
  auto mappings = R"("portMappings": [{"containerPort": 8080, "hostPort": 0, "labels": {"m-1": "x"}},
                                      {"containerPort": 8081, "hostPort": 9081}])";
  auto current = app(R"("container": {)" + std::string(mappings) + "}, " + two_tasks);
  CHECK(endpoints(current) == texts{"h1:31000", "h1:9081", "h2:32000", "h2:9081"});
  CHECK(current.targets[0].get("__meta_marathon_port_mapping_label_m_1") == "x");
  auto before_1_5 = app(R"("container": {"docker": {)" + std::string(mappings) + "}}, " + two_tasks);
  CHECK(before_1_5.targets == current.targets);
}

TEST_CASE("in a container's network it is the container's port at the task's own address") {
  auto group = app(R"("networks": [{"mode": "container", "name": "n"}],
                      "container": {"portMappings": [{"containerPort": 8080, "hostPort": 9}]},
                      "tasks": [{"id": "t", "host": "h", "ports": [], "ipAddresses": [
                                  {"ipAddress": "10.5.0.1", "protocol": "IPv4"}, {"ipAddress": "10.5.0.2"}]},
                                {"id": "u", "host": "h2", "ports": []}])");
  CHECK(endpoints(group) == texts{"10.5.0.1:8080", "h2:8080"});
}

TEST_CASE("a defined port is the task's, unless the app requires just this one") {
  auto definitions = R"("portDefinitions": [{"port": 10000, "labels": {"d": "x"}}, {"port": 10001}], )";
  auto open = app(definitions + two_tasks);
  CHECK(endpoints(open) == texts{"h1:31000", "h1:31001", "h2:32000", "h2:32001"});
  CHECK(open.targets[2].get("__meta_marathon_port_definition_label_d") == "x");
  auto required = app(R"("requirePorts": true, )" + (definitions + two_tasks));
  CHECK(endpoints(required) == texts{"h1:10000", "h1:10001", "h2:10000", "h2:10001"});
}

TEST_CASE("what is not a list of apps is an error as a whole") {
  CHECK(read(R"({"apps": []})")->empty());
  for (const char* bad : {"", "[]", "null", R"({"apps": {}})", R"({"apps": [1]})", R"({"apps": [{"id": 1}]})",
                          R"({"apps": [{"id": "a", "tasks": [{"ports": ["x"]}]}]})", R"({"apps": [{"id": "a")"}) {
    INFO(bad);
    CHECK_FALSE(read(bad));
  }
  auto refused = test::services_fixture::ok("{}");
  refused.status = 401;
  CHECK_FALSE(read_marathon_apps(refused));
}

TEST_CASE_METHOD(test::services_fixture, "each refresh asks one server, by chance, with the token as DC/OS wants it") {
  auto options = std::make_shared<marathon_sd_options>();
  options->servers = {"http://m1", "http://m2", "http://m3"};
  options->auth_token.value = "sesame";
  auto targets = spawn_probe<target_sink_actor>();
  random_unit = 0.4;
  auto discoverer = adopt(marathon_sd().spawn(system(), options, {targets.handle(), announced, process(), "j"}));
  settle();
  auto first = http.take<fetch>();
  REQUIRE(first.size() == 1);
  CHECK(first[0].request->url == "http://m2/v2/apps/?embed=apps.tasks");
  const auto& login = first[0].request->client->authorization;
  REQUIRE(login);
  CHECK(login->type == "token=");
  CHECK(login->credentials.value == "sesame");
  answer(first[0], ok(R"({"apps": [{"id": "/a"}]})"));
  auto updates = targets.take<update>();
  REQUIRE(updates.size() == 1);
  CHECK(updates[0].groups.at(0)->source == "/a");
  random_unit = 0.999;
  advance(30s);
  auto second = http.take<fetch>();
  REQUIRE(second.size() == 1);
  CHECK(second[0].request->url == "http://m3/v2/apps/?embed=apps.tasks");
  answer(second[0], ok("<html>"));
  CHECK(targets.received<update>().empty());
  CHECK_THAT(ask<discoverer_status>(discoverer, get_discoverer_status{}).last_error, Catch::Contains("http://m3/v2"));
}
