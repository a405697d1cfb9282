#include "actors/discovery/kuma_sd/kuma_session.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

const std::string type = "type.googleapis.com/kuma.observability.v1.MonitoringAssignment";

std::string response_of(const std::string& version, const std::string& resources) {
  return R"({"version_info": ")" + version + R"(", "nonce": "n)" + version + R"(", "type_url": ")" + type +
         R"(", "resources": [)" + resources + "]}";
}

const std::string assignment = R"({"@type": ")" + type + R"(", "mesh": "default", "service": "backend",
  "labels": {"team": "a", "both": "assignment"}, "targets": [
    {"name": "backend-01", "scheme": "https", "address": "10.1.1.1:1234", "metrics_path": "/m",
     "labels": {"kuma.io/zone": "z", "both": "target"}},
    {"name": "backend-02", "scheme": "http", "address": "10.1.1.2:1234", "metricsPath": "/n"}]})";

struct session_fixture {
  session_fixture() {
    options.configuration.server = "http://kuma:5676/";
    options.client_id = "me";
    options.metrics = std::make_shared<telemetry>();
    session = std::make_unique<kuma_session>(options);
  }

  watch_moment moment() const { return {now, 0}; }
  watch_actions answer(int status, const std::string& body) {
    http::response response;
    response.status = status;
    response.reason = "Reason";
    response.body = body;
    return session->answered(1, response, moment());
  }
  static nlohmann::json body_of(const watch_actions& actions) {
    REQUIRE(actions.questions.size() == 1);
    return nlohmann::json::parse(*actions.questions[0].body);
  }

  kuma_session_options options;
  std::unique_ptr<kuma_session> session;
  int64_t now = 1'700'000'000'000;
};

}  // namespace

TEST_CASE("assignments become targets, in either spelling of their fields") {
  auto found = read_kuma_assignments(response_of("7", assignment));
  REQUIRE(found);
  CHECK(found->version == "7");
  CHECK(found->nonce == "n7");
  CHECK(found->group.source == "kuma");
  REQUIRE(found->group.targets.size() == 2);
  CHECK(found->group.targets[0] == labels::of({{"__address__", "10.1.1.1:1234"},
                                               {"__metrics_path__", "/m"},
                                               {"__scheme__", "https"},
                                               {"instance", "backend-01"},
                                               {"__meta_kuma_dataplane", "backend-01"},
                                               {"__meta_kuma_label_both", "assignment"},
                                               {"__meta_kuma_label_kuma_io_zone", "z"},
                                               {"__meta_kuma_label_team", "a"},
                                               {"__meta_kuma_mesh", "default"},
                                               {"__meta_kuma_service", "backend"}}));
  CHECK(found->group.targets[1].get("__metrics_path__") == "/n");
  auto camel = read_kuma_assignments(R"({"versionInfo": "8", "typeUrl": ")" + type + R"("})");
  REQUIRE(camel);
  CHECK(camel->version == "8");
  CHECK(camel->group.targets.empty());
}

TEST_CASE("what is not a response with monitoring assignments is an error") {
  for (const std::string& bad : {std::string(), std::string("null"), std::string("[]"), std::string("{}"),
                                 response_of("1", R"({"@type": "x"})"), response_of("1", assignment).substr(0, 300),
                                 response_of("1", R"({"@type": ")" + type + R"(", "targets": 1})")}) {
    INFO(bad);
    CHECK_FALSE(read_kuma_assignments(bad));
  }
}

TEST_CASE_METHOD(session_fixture, "a question names what was understood last, and waits for something else") {
  auto first = session->begin(moment());
  CHECK(first.questions.at(0).request->url == "http://kuma:5676/v3/discovery:monitoringassignments?fetch-timeout=2m");
  CHECK(first.questions.at(0).request->method == "POST");
  CHECK(first.questions.at(0).timeout == 135s);
  CHECK(body_of(first) == nlohmann::json{{"version_info", ""},
                                         {"response_nonce", ""},
                                         {"type_url", type},
                                         {"resource_names", nlohmann::json::array()},
                                         {"node", {{"id", "me"}}}});
  now += 5000;
  auto found = answer(200, response_of("7", assignment));
  REQUIRE(found.found);
  CHECK(found.found->complete);
  CHECK(found.found->groups.at(0)->targets.size() == 2);
  CHECK(found.alarms == std::vector{watch_alarm{1, 10s}});
  now += 10000;
  auto again = body_of(session->due(1, moment()));
  CHECK(again["version_info"] == "7");
  CHECK(again["response_nonce"] == "n7");
  now += 120000;
  auto unchanged = answer(304, "");
  CHECK_FALSE(unchanged.found);
  CHECK(unchanged.refreshed);
  CHECK(unchanged.alarms == std::vector{watch_alarm{1, 0s}});
  CHECK(options.metrics->kuma.skipped_updates.Value() == 1);
}

TEST_CASE_METHOD(session_fixture,
                 "what could not be read is not acknowledged, and failures are retried later and later") {
  session->begin(moment());
  answer(200, response_of("7", assignment));
  session->due(1, moment());
  for (auto delay : {1s, 2s, 4s, 8s, 16s, 32s, 60s}) {
    auto failed = answer(200, response_of("8", R"({"@type": "x"})"));
    CHECK_FALSE(failed.found);
    CHECK(failed.failures.size() == 1);
    CHECK(failed.alarms == std::vector{watch_alarm{1, delay}});
    CHECK(body_of(session->due(1, moment()))["version_info"] == "7");
  }
  CHECK_FALSE(session->trouble().empty());
  CHECK(session->failed(1, "connection refused", moment()).failures.size() == 1);
  CHECK(session->trouble() == "connection refused");
  CHECK(answer(500, "").failures.size() == 1);
  CHECK(options.metrics->kuma.fetch_failures.Value() == 9);
  answer(200, response_of("9", assignment));
  CHECK(session->trouble().empty());
}
