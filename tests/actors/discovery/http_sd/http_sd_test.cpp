#include "actors/discovery/http_sd/http_sd.hpp"

#include "actors/discovery/http_sd/http_sd_options.hpp"
#include "tests/support/services_fixture.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

http::response json(const std::string& body, const std::string& type = "application/json") {
  http::response result;
  result.status = 200;
  result.reason = "OK";
  result.content_type = type;
  result.body = body;
  return result;
}

const std::string url = "http://sd.example/targets";

struct http_sd_fixture : test::services_fixture {
  http_sd_fixture() {
    options->url = "http://user:secret@sd.example/targets";
    options->refresh_interval = 90s;
    options->client.basic_auth = rollcall::http::basic_auth{};
    discoverer = adopt(http_sd().spawn(system(), options, {targets.handle(), announced, process(), "j"}));
    settle();
  }

  std::shared_ptr<http_sd_options> options = std::make_shared<http_sd_options>();
  test::probe<target_sink_actor> targets = spawn_probe<target_sink_actor>();
  discoverer_actor discoverer;
};

}  // namespace

TEST_CASE("a list of groups is read, each group with its source and the URL as a label") {
  auto groups = read_http_sd(json(R"([
    {"targets": ["a:1", "b:1"], "labels": {"env": "prod"}},
    {"targets": ["c:1"]},
    {"targets": []}
  ])"),
                             url);
  REQUIRE(groups);
  REQUIRE(groups->size() == 3);
  const auto& first = groups->at(0);
  CHECK(first.source == url + ":0");
  REQUIRE(first.targets.size() == 2);
  CHECK(first.targets[0] == labels::of({{"__address__", "a:1"}}));
  CHECK(first.common == labels::of({{"__meta_url", url}, {"env", "prod"}}));
  CHECK(groups->at(1).source == url + ":1");
  CHECK(groups->at(1).common == labels::of({{"__meta_url", url}}));
  CHECK(groups->at(2).targets.empty());
  CHECK(read_http_sd(json("[]"), url)->empty());
}

TEST_CASE("only the content types that Prometheus takes are taken") {
  for (const char* good : {"application/json", "Application/JSON", "application/json; charset=utf-8",
                           "application/json;charset=UTF-8", "application/json; charset=\"utf-8\""}) {
    INFO(good);
    CHECK(read_http_sd(json("[]", good), url));
  }
  for (const char* bad : {"", "text/plain", "application/json; charset=latin1", "application/jsonx",
                          "application/json; foo=bar", "text/json"}) {
    INFO(bad);
    auto groups = read_http_sd(json("[]", bad), url);
    REQUIRE_FALSE(groups);
    CHECK(groups.error().message == "unsupported content type \"" + std::string(bad) + '"');
  }
}

TEST_CASE("any status but 200 is an error") {
  for (int status : {201, 204, 301, 404, 500}) {
    auto answer = json("[]");
    answer.status = status;
    answer.reason = "Some Reason";
    auto groups = read_http_sd(answer, url);
    REQUIRE_FALSE(groups);
    CHECK(groups.error().message == "server returned HTTP status " + std::to_string(status) + " Some Reason");
  }
}

TEST_CASE("what is not a list of groups is an error, as a whole") {
  for (const char* bad : {"", "{}", "null x", "[1]", R"([{"targets": ["a:1"], "other": 1}])", R"([{"targets": "a:1"}])",
                          R"([{"targets": ["a:1"]}, {"targets": [1]}])", R"([{"labels": {"a": 1}}])", "[{]"}) {
    INFO(bad);
    CHECK_FALSE(read_http_sd(json(bad), url));
  }
}

TEST_CASE_METHOD(http_sd_fixture, "the server is asked with the headers it may rely on, in the time of one interval") {
  auto asked = http.received<fetch>();
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].request->url == options->url);
  CHECK(asked[0].request->client->basic_auth.has_value());
  CHECK(asked[0].timeout == 90s);
  CHECK(asked[0].body_bytes_max > 0);
  std::map<std::string, std::string> headers;
  for (const auto& each : *asked[0].request->headers) headers[each.name] = each.value;
  CHECK(headers.at("Accept") == "application/json");
  CHECK(headers.at("X-Prometheus-Refresh-Interval-Seconds") == "90");
  CHECK(headers.at("User-Agent") == "rollcall/" ROLLCALL_VERSION);
}

TEST_CASE_METHOD(http_sd_fixture, "its groups arrive, and again after each interval") {
  auto asked = http.take<fetch>();
  answer(asked.at(0), json(R"([{"targets": ["a:1"]}])"));
  auto updates = targets.take<update>();
  REQUIRE(updates.size() == 1);
  CHECK(updates[0].complete);
  REQUIRE(updates[0].groups.size() == 1);
  CHECK(updates[0].groups[0]->source == options->url + ":0");
  advance(90s);
  CHECK(http.received<fetch>().size() == 1);
}

TEST_CASE_METHOD(http_sd_fixture, "a failure is counted under Prometheus's names, and told without a password") {
  auto asked = http.take<fetch>();
  auto refused = json("");
  refused.status = 503;
  refused.reason = "Service Unavailable";
  answer(asked.at(0), refused);
  CHECK(targets.received<update>().empty());
  CHECK(metrics().discovery.http_failures.Value() == 1);
  CHECK(metrics().refresh("http", "j")->failures.Value() == 1);
  auto status = ask<discoverer_status>(discoverer, get_discoverer_status{});
  CHECK_THAT(status.last_error, Catch::Contains("503 Service Unavailable"));
  CHECK_THAT(status.last_error, !Catch::Contains("secret"));
}
