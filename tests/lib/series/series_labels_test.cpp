#include "tests/lib/series/scrape_fixture.hpp"

using namespace rollcall;
using namespace rollcall::series;

namespace {

std::string series_of(std::string_view line, std::vector<std::pair<std::string, std::string>> target,
                      const ingest_options& options = {}) {
  scrape_fixture fixture(options, make_target(std::move(target)));
  auto result = fixture.scrape(std::string(line) + " 1\n");
  if (!result.failure.empty()) return result.failure;
  return result.samples.empty() ? "" : result.samples.at(0).series;
}

ingest_options honoring() {
  ingest_options options;
  options.honor_labels = true;
  return options;
}

ingest_options relabeled(std::vector<relabel::rule_config> rules) {
  ingest_options options;
  auto program = relabel::program::compile(rules, name_validation::utf8);
  REQUIRE(program);
  options.metric_relabel = *program;
  return options;
}

relabel::rule_config rule(relabel::action action, std::vector<std::string> source, std::string regex) {
  relabel::rule_config made;
  made.action = action;
  made.source_labels = std::move(source);
  made.regex = std::move(regex);
  return made;
}

}  // namespace

TEST_CASE("conflicting exposed labels are renamed") {
  CHECK(series_of("m{job=\"x\"}", {{"job", "j"}}) == R"({__name__="m", exported_job="x", job="j"})");
  CHECK(series_of("m{job=\"\"}", {{"job", "j"}}) == R"({__name__="m", job="j"})");
  CHECK(series_of("m{job=\"x\",exported_job=\"y\"}", {{"job", "j"}}) ==
        R"({__name__="m", exported_exported_job="x", exported_job="y", job="j"})");
  CHECK(series_of("m{job=\"x\",exported_job=\"\"}", {{"job", "j"}}) == R"({__name__="m", exported_job="x", job="j"})");
  CHECK(series_of("m{job=\"x\"}", {{"job", "j"}, {"exported_job", "e"}}) ==
        R"({__name__="m", exported_exported_job="x", exported_job="e", job="j"})");
  CHECK(series_of("m{job=\"x\",exported_job=\"y\"}", {{"job", "j"}, {"exported_job", "e"}}) ==
        R"({__name__="m", exported_exported_exported_job="y", exported_exported_job="x", exported_job="e", job="j"})");
}

TEST_CASE("exposed labels can be honored") {
  CHECK(series_of("m{job=\"x\"}", {{"job", "j"}, {"instance", "i"}}, honoring()) ==
        R"({__name__="m", instance="i", job="x"})");
  CHECK(series_of("m{job=\"\"}", {{"job", "j"}, {"instance", "i"}}, honoring()) == R"({__name__="m", instance="i"})");
  CHECK(series_of("m{job=\"j\"}", {{"job", "j"}}, honoring()) == R"({__name__="m", job="j"})");
}

TEST_CASE("repeated labels with an empty value vanish") {
  CHECK(series_of("m{a=\"1\",a=\"\"}", {{"job", "j"}}) == R"({__name__="m", job="j"})");
  CHECK(series_of("m{job=\"1\",job=\"2\"}", {{"job", "j"}}) == R"({__name__="m", exported_job="1", job="j"})");
  CHECK(series_of("m{job=\"1\",job=\"2\",z=\"1\",z=\"2\"}", {{"job", "j"}}) ==
        "label name \"z\" is not unique: invalid sample");
  CHECK(series_of("m{job=\"1\",job=\"2\"}", {{"job", "j"}}, honoring()) ==
        "label name \"job\" is not unique: invalid sample");
}

TEST_CASE("dropped series are remembered as dropped and not delivered") {
  scrape_fixture target(relabeled({rule(relabel::action::drop, {"__name__"}, "b.*")}));
  auto first = target.scrape("a 1\nb 1\nb2 1\nb 2\nc 1\n");
  CHECK(lines_of(first, target.now) == lines{"a 1", "c 1"});
  CHECK(first.samples_scraped == 5);
  CHECK(first.samples_after_relabel == 2);
  CHECK(first.series_added == 2);
  CHECK(first.duplicates == 0);
  CHECK(target.cache.live() == 2);
  auto before = target.cache.series();
  auto again = target.scrape("a 1\nb 1\nb2 1\nb 2\nc 1\n");
  CHECK(target.cache.series() == before);
  CHECK(again.samples_after_relabel == 2);
  CHECK(lines_of(target.scrape("a 1\n"), target.now) == lines{"a 1", "c stale"});
}

TEST_CASE("dropping saves a series with repeated labels") {
  CHECK(series_of("m{a=\"1\",a=\"2\"}", {{"job", "j"}}, relabeled({rule(relabel::action::drop, {"__name__"}, "m")})) ==
        "");
  CHECK(series_of("m{a=\"1\",a=\"2\"}", {{"job", "j"}}, relabeled({rule(relabel::action::labeldrop, {}, "a")})) ==
        R"({__name__="m", job="j"})");
}

TEST_CASE("relabeling may take the target's labels away or change them") {
  CHECK(series_of("m", {{"job", "j"}}, relabeled({rule(relabel::action::labeldrop, {}, "job")})) ==
        R"({__name__="m"})");
  auto change = rule(relabel::action::replace, {"job"}, "(.*)");
  change.target_label = "job";
  change.replacement = "new-$1";
  CHECK(series_of("m", {{"job", "j"}}, relabeled({change})) == R"({__name__="m", job="new-j"})");
  CHECK(series_of("m", {{"job", "j"}}, relabeled({rule(relabel::action::labeldrop, {}, "__name__")})) ==
        "missing metric name (__name__ label)");
  CHECK(series_of("m", {{"job", "j"}}, relabeled({rule(relabel::action::labeldrop, {}, ".*")})) == "");
}

TEST_CASE("two lines that relabeling makes one series are both delivered") {
  scrape_fixture target(relabeled({rule(relabel::action::labeldrop, {}, "x")}));
  CHECK(lines_of(target.scrape("a{x=\"1\"} 1\na{x=\"2\"} 2\n"), target.now) == lines{"a 1", "a 2"});
  CHECK(lines_of(target.scrape("a{x=\"2\"} 2\n"), target.now) == lines{"a 2"});
  CHECK(lines_of(target.scrape("#\n"), target.now) == lines{"a stale"});
}

TEST_CASE("a target may have more labels than there are slots") {
  std::vector<std::pair<std::string, std::string>> many;
  for (int i = 0; i < 300; ++i) many.emplace_back("label_" + std::to_string(i), std::to_string(i));
  auto expected = many;
  expected.emplace_back("__name__", "m");
  CHECK(series_of("m", many) == labels::of(expected).to_string());
}

TEST_CASE("labels that sort before the metric name keep their place") {
  scrape_fixture target({}, make_target({{"Zone", "z"}, {"job", "j"}}));
  target.scrape("m{Alpha=\"1\",x=\"2\"} 1\n");
  const auto& block = *target.cache.series()->at(0);
  std::vector<std::string> names;
  for (uint16_t id : block.pair_ids(0)) names.emplace_back(decode_pair(block.resolve(id, *target.cache.target())).name);
  CHECK(names == std::vector<std::string>{"Alpha", "Zone", "__name__", "job", "x"});
}

TEST_CASE("a series with more labels than a block can hold fails the scrape") {
  std::string line = "m{";
  for (size_t i = 0; i < 65'300; ++i) line += "l" + std::to_string(i) + "=\"1\",";
  CHECK(series_of(line + "}", {{"job", "j"}}) == "a series with more than 65280 labels");
}

TEST_CASE("series with very many labels are spread over blocks") {
  scrape_fixture target;
  std::string body;
  for (int series = 0; series < 5; ++series) {
    body += "m{";
    for (int i = 0; i < 20'000; ++i) body += "l" + std::to_string(i) + "=\"" + std::to_string(series) + "\",";
    body += "} 1\n";
  }
  auto result = target.scrape(body);
  CHECK(result.failure.empty());
  CHECK(result.samples.size() == 5);
  CHECK(target.cache.series()->size() >= 2);
}
