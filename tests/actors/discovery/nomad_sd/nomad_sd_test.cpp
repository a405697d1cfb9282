#include "actors/discovery/nomad_sd/nomad_sd.hpp"

#include "tests/support/services_fixture.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

using texts = std::vector<std::string>;

const std::string list = R"([{"Namespace": "default", "Services": [{"ServiceName": "api", "Tags": ["x"]},
                                                                   {"ServiceName": "db/1", "Tags": []}]},
                             {"Namespace": "other", "Services": [{"ServiceName": "api"}]}])";
const std::string api = R"([{"ID": "_nomad-task-1", "ServiceName": "api", "Namespace": "default", "NodeID": "node-7",
                             "Datacenter": "dc1", "JobID": "job", "AllocID": "alloc", "Tags": ["prod", "eu"],
                             "Address": "10.0.0.7", "Port": 23456},
                            {"ID": "2", "ServiceName": "api", "Tags": null, "Address": "fd00::7", "Port": 80}])";

struct nomad_fixture : test::services_fixture {
  nomad_fixture() {
    options->refresh_interval = 60s;
    options->name_space = "*";
    discoverer = adopt(nomad_sd().spawn(system(), options, {targets.handle(), announced, process(), "j"}));
    settle();
  }

  /// The questions that came, by URL.
  std::map<std::string, fetch> asked() {
    std::map<std::string, fetch> all;
    for (auto& question : http.take<fetch>()) all.emplace(question.request->url, question);
    return all;
  }
  static http::response status(int code) {
    auto response = ok("service not found");
    response.status = code;
    response.reason = "Reason";
    return response;
  }
  discoverer_status fate() { return ask<discoverer_status>(discoverer, get_discoverer_status{}); }

  std::shared_ptr<nomad_sd_options> options = std::make_shared<nomad_sd_options>();
  test::probe<target_sink_actor> targets = spawn_probe<target_sink_actor>();
  discoverer_actor discoverer;
  const std::string root = "http://localhost:4646/v1/";
  const std::string query = "?region=global&namespace=%2A&stale=";
};

}  // namespace

TEST_CASE_METHOD(nomad_fixture, "the services are listed, and each is asked for once") {
  auto first = asked();
  REQUIRE(first.contains(root + "services" + query));
  CHECK(first.size() == 1);
  advance(10s);
  answer(first.begin()->second, ok(list));
  auto second = asked();
  REQUIRE(second.size() == 2);
  REQUIRE(second.contains(root + "service/api" + query));
  REQUIRE(second.contains(root + "service/db%2F1" + query));
  // What is left of the interval is all the time there is.
  CHECK(second.begin()->second.timeout == 50s);
  answer(second.at(root + "service/db%2F1" + query), status(404));
  CHECK(targets.received<update>().empty());
  answer(second.at(root + "service/api" + query), ok(api));
  auto updates = targets.take<update>();
  REQUIRE(updates.size() == 1);
  CHECK(updates[0].complete);
  REQUIRE(updates[0].groups.size() == 1);
  const auto& group = *updates[0].groups[0];
  CHECK(group.source == "Nomad");
  REQUIRE(group.targets.size() == 2);
  CHECK(group.targets[0] == labels::of({{"__address__", "10.0.0.7:23456"},
                                        {"__meta_nomad_address", "10.0.0.7"},
                                        {"__meta_nomad_dc", "dc1"},
                                        {"__meta_nomad_namespace", "default"},
                                        {"__meta_nomad_node_id", "node-7"},
                                        {"__meta_nomad_service", "api"},
                                        {"__meta_nomad_service_address", "10.0.0.7"},
                                        {"__meta_nomad_service_id", "_nomad-task-1"},
                                        {"__meta_nomad_service_port", "23456"},
                                        {"__meta_nomad_tags", ",prod,eu,"}}));
  CHECK(group.targets[1].get("__address__") == "[fd00::7]:80");
  CHECK(group.targets[1].get("__meta_nomad_tags").empty());
}

TEST_CASE_METHOD(nomad_fixture, "one question that fails makes the refresh fail as a whole") {
  answer(asked().begin()->second, ok(list));
  auto second = asked();
  auto good = second.at(root + "service/api" + query), bad = second.at(root + "service/db%2F1" + query);
  SECTION("before the others were answered") {
    answer(bad, status(500));
    answer(good, ok(api));
  }
  SECTION("after the others were answered") {
    answer(good, ok(api));
    answer(bad, ok("[{"));
  }
  SECTION("by its type") {
    answer(good, ok(api));
    answer(bad, ok(R"([{"Port": "80"}])"));
  }
  CHECK(targets.received<update>().empty());
  CHECK(fate().failures == 1);
  CHECK(metrics().nomad.failures.Value() == 1);
  CHECK(metrics().refresh("nomad", "j")->failures.Value() == 1);
  advance(60s);
  answer(asked().begin()->second, ok("[]"));
  CHECK(targets.take<update>().size() == 1);
  CHECK(fate().last_error.empty());
}

TEST_CASE_METHOD(nomad_fixture, "a list that is none is a failure") {
  auto bad =
      GENERATE(as<std::string>(), "", "null", "{}", "[{\"Services\": 1}]", "[{\"Services\": [{\"ServiceName\": 1}]}]");
  answer(asked().begin()->second, ok(bad));
  CHECK(targets.received<update>().empty());
  CHECK(fate().failures == 1);
}

TEST_CASE_METHOD(nomad_fixture, "many services are asked for a few at a time") {
  std::string many = "[{\"Services\": [{\"ServiceName\": \"s100\"}";
  for (int i = 101; i < 140; ++i) many += ", {\"ServiceName\": \"s" + std::to_string(i) + "\"}";
  answer(asked().begin()->second, ok(many + "]}]"));
  auto open = asked();
  CHECK(open.size() == 16);
  size_t answered = 0;
  while (!open.empty()) {
    answer(open.begin()->second, ok("[]"));
    ++answered;
    open.erase(open.begin());
    open.merge(asked());
    CHECK(open.size() <= 16);
  }
  CHECK(answered == 40);
  CHECK(targets.received<update>().size() == 1);
}

TEST_CASE_METHOD(nomad_fixture, "a refresh that takes longer than its interval fails before it asks on") {
  auto first = asked();
  advance(59s);
  wall_clock_base += 2000;
  answer(first.begin()->second, ok(list));
  CHECK(asked().empty());
  CHECK(fate().last_error == "http://localhost:4646: the refresh takes longer than its interval");
}
