#include "app/discovery_report.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace rollcall;

namespace {

group_change group(const std::string& source, const std::vector<std::string>& addresses) {
  auto result = std::make_shared<target_group>();
  result->source = source;
  result->common = labels::of({{"__meta_env", source}});
  for (const auto& address : addresses) result->targets.push_back(labels::of({{"__address__", address}}));
  return {1, result};
}

scrape_config job() {
  scrape_config config;
  config.job_name = "node";
  config.scrape_interval = std::chrono::seconds(15);
  config.scrape_timeout = std::chrono::seconds(10);
  relabel::rule_config env;
  env.source_labels = {"__meta_env"};
  env.target_label = "env";
  relabel::rule_config drop;
  drop.source_labels = {"__meta_env", "__address__"};
  drop.regex = "dev;.*";
  drop.action = relabel::action::drop;
  config.relabel_configs = {env, drop};
  return config;
}

const std::vector<group_change> found = {group("dev", {"a:1"}), group("prod", {"b:1", "b:1", "a/b"})};

}  // namespace

TEST_CASE("a report in JSON has labels before and after relabeling, and the rule that dropped a target") {
  auto report = nlohmann::json::parse(report_discovery(job(), found, report_format::json));
  REQUIRE(report.size() == 4);

  CHECK(report[0]["discoveredLabels"]["__meta_env"] == "prod");
  CHECK(report[0]["labels"]["env"] == "prod");
  CHECK(report[0]["labels"]["__address__"] == "b:1");
  CHECK(report[0]["scrapeUrl"] == "http://b:1/metrics");

  CHECK(report[1]["discoveredLabels"]["__address__"] == "a:1");
  CHECK(report[1]["labels"].empty());
  CHECK(report[1]["droppedBy"]["rule"] == 1);
  CHECK(report[1]["droppedBy"]["action"] == "drop");
  CHECK(report[1]["droppedBy"]["sourceLabels"] == nlohmann::json({"__meta_env", "__address__"}));
  CHECK(report[1]["droppedBy"]["regex"] == "dev;.*");

  CHECK(report[2]["error"] == "equal to another target of this job");
  CHECK(report[3]["error"] == "\"a/b\" is not a valid hostname");
}

TEST_CASE("a report in words says how many targets there are, and of each what became of it") {
  auto report = report_discovery(job(), found, report_format::text);
  CHECK_THAT(report,
             Catch::StartsWith("Job node: 1 targets to scrape, 1 dropped by a rule, 1 duplicates, 1 unfit\n") &&
                 Catch::Contains("scraped: http://b:1/metrics\n  discovered: {__address__=\"b:1\"") &&
                 Catch::Contains("\n  labels: {env=\"prod\", instance=\"b:1\", job=\"node\"}\n") &&
                 Catch::Contains("dropped: relabel_configs[1]: drop, source_labels [__meta_env, __address__], regex "
                                 "\"dev;.*\"\n  discovered: {__address__=\"a:1\""));
}

TEST_CASE("keep_dropped_targets is about what the daemon keeps and cuts no report short") {
  auto config = job();
  config.limits.keep_dropped_targets = 1;
  CHECK(nlohmann::json::parse(report_discovery(config, found, report_format::json)).size() == 4);
}
