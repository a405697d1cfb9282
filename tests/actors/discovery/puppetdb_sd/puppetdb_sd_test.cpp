#include "actors/discovery/puppetdb_sd/puppetdb_sd.hpp"

#include "actors/discovery/puppetdb_sd/puppetdb_parameters.hpp"
#include "tests/support/services_fixture.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

using label_map = std::map<std::string, std::string>;

http::response json(const std::string& body) {
  auto response = test::services_fixture::ok(body);
  response.content_type = "application/json;charset=utf-8";
  return response;
}

puppetdb_sd_options plain() {
  puppetdb_sd_options options;
  options.url = "https://puppetdb:8081";
  options.query = "resources { type = \"Class\" }";
  options.port = 9100;
  return options;
}

const std::string resource = R"([{"certname": "h1.example", "resource": "49af", "type": "Class", "title": "Exporter",
  "exported": false, "tags": ["class", "exporter"], "file": "/etc/puppet/site.pp", "line": 3,
  "environment": "prod", "parameters": {"port": 8080, "name": "x"}}])";

}  // namespace

TEST_CASE("a resource becomes a target at its node") {
  auto groups = read_puppetdb_resources(json(resource), plain());
  REQUIRE(groups);
  const auto& group = groups->front();
  CHECK(group.source == "https://puppetdb:8081/pdb/query/v4?query=resources { type = \"Class\" }");
  REQUIRE(group.targets.size() == 1);
  CHECK(group.targets[0] == labels::of({{"__address__", "h1.example:9100"},
                                        {"__meta_puppetdb_certname", "h1.example"},
                                        {"__meta_puppetdb_environment", "prod"},
                                        {"__meta_puppetdb_exported", "false"},
                                        {"__meta_puppetdb_file", "/etc/puppet/site.pp"},
                                        {"__meta_puppetdb_query", "resources { type = \"Class\" }"},
                                        {"__meta_puppetdb_resource", "49af"},
                                        {"__meta_puppetdb_tags", ",class,exporter,"},
                                        {"__meta_puppetdb_title", "Exporter"},
                                        {"__meta_puppetdb_type", "Class"}}));
}

TEST_CASE("parameters become labels where that is wanted") {
  auto options = plain();
  options.include_parameters = true;
  auto groups = read_puppetdb_resources(json(resource), options);
  REQUIRE(groups);
  CHECK(groups->front().targets.at(0).get("__meta_puppetdb_parameter_port") == "8080");
  CHECK(groups->front().targets.at(0).get("__meta_puppetdb_parameter_name") == "x");
}

TEST_CASE("parameters of every type have a text") {
  auto labels_of = [](const char* text) { return puppetdb_parameter_labels(nlohmann::json::parse(text)); };
  CHECK(labels_of(R"({"t": "x", "yes": true, "no": false, "none": null, "empty": ""})") ==
        label_map{{"t", "x"}, {"yes", "true"}, {"no", "false"}});
  CHECK(
      labels_of(R"({"a": 0, "b": -12, "c": 999999, "d": 1000000, "e": 1234567, "f": 0.5, "g": 0.00001, "h": 1e100})") ==
      label_map{{"a", "0"},
                {"b", "-12"},
                {"c", "999999"},
                {"d", "1e+06"},
                {"e", "1.234567e+06"},
                {"f", "0.5"},
                {"g", "1e-05"},
                {"h", "1e+100"}});
  CHECK(labels_of(R"({"l": ["a", 1, true, null, {"x": 1}], "none": []})") == label_map{{"l", "a,1,true,,"}});
  CHECK(labels_of(R"({"out-er": {"in.ner": 1, "deep": {"x": "y"}}})") ==
        label_map{{"out_er_in_ner", "1"}, {"out_er_deep_x", "y"}});
}

TEST_CASE("parameters that are nested too deep are left out") {
  std::string text = "1";
  for (int i = 0; i < 10000; ++i) text = "{\"a\":" + text + "}";
  CHECK(puppetdb_parameter_labels(nlohmann::json::parse(text)).empty());
}

TEST_CASE("what is not a JSON list of resources is an error as a whole") {
  CHECK(read_puppetdb_resources(json("[]"), plain())->front().targets.empty());
  for (const char* bad :
       {"", "null", "{}", "[1]", R"([{"certname": 1}])", R"([{"exported": "no"}])", R"([{"tags": [)"}) {
    INFO(bad);
    CHECK_FALSE(read_puppetdb_resources(json(bad), plain()));
  }
  auto other_type = json("[]");
  other_type.content_type = "text/html";
  CHECK(read_puppetdb_resources(other_type, plain()).error().message == "unsupported content type \"text/html\"");
  auto refused = json("[]");
  refused.status = 403;
  CHECK_FALSE(read_puppetdb_resources(refused, plain()));
}

TEST_CASE("queries go below the root, whose own query stays") {
  CHECK(puppetdb_query_url("http://p:8080") == "http://p:8080/pdb/query/v4");
  CHECK(puppetdb_query_url("http://p:8080/base/?a=b") == "http://p:8080/base/pdb/query/v4?a=b");
}

TEST_CASE_METHOD(test::services_fixture, "the query is posted as JSON") {
  auto options = std::make_shared<puppetdb_sd_options>(plain());
  auto targets = spawn_probe<target_sink_actor>();
  adopt(puppetdb_sd().spawn(system(), options, {targets.handle(), announced, process(), "j"}));
  settle();
  auto asked = http.take<fetch>();
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].request->method == "POST");
  CHECK(asked[0].request->url == "https://puppetdb:8081/pdb/query/v4");
  REQUIRE(asked[0].body);
  CHECK(*asked[0].body == R"({"query":"resources { type = \"Class\" }"})");
  const auto& headers = *asked[0].request->headers;
  CHECK(std::count(headers.begin(), headers.end(), http::header{"Content-Type", "application/json"}) == 1);
}
