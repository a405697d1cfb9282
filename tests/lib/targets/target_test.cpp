#include "lib/targets/target.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;

namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;

target_settings node_settings() {
  target_settings settings;
  settings.job = "node";
  settings.scrape_interval = milliseconds(15'000);
  settings.scrape_timeout = milliseconds(10'000);
  return settings;
}

relabel::program program_of(std::vector<relabel::rule_config> rules) {
  auto compiled = relabel::program::compile(rules, name_validation::utf8);
  REQUIRE(compiled.has_value());
  return *compiled;
}

relabel::rule_config set_label(std::string name, std::string value) {
  relabel::rule_config rule;
  rule.target_label = std::move(name);
  rule.replacement = std::move(value);
  return rule;
}

target_outcome outcome_of(pairs own, target_settings settings = node_settings()) {
  target_group group{"source", labels(), {labels::of(std::move(own))}};
  return make_target(discovered_labels(group, 0, settings), settings);
}

target kept(pairs own, target_settings settings = node_settings()) {
  auto outcome = outcome_of(std::move(own), std::move(settings));
  if (auto* failure = std::get_if<error>(&outcome)) FAIL(failure->message);
  REQUIRE(std::holds_alternative<target>(outcome));
  return std::get<target>(outcome);
}

std::string failure_of(pairs own, target_settings settings = node_settings()) {
  auto outcome = outcome_of(std::move(own), std::move(settings));
  auto* failure = std::get_if<error>(&outcome);
  return failure == nullptr ? "" : failure->message;
}

}  // namespace

TEST_CASE("a target's own labels come before the group's, and both before the job's") {
  auto settings = node_settings();
  settings.params = {{"module", {"http", "second"}}, {"empty", {}}, {"blank", {""}}};
  target_group group{"source",
                     labels::of({{"zone", "eu"}, {"team", "a"}, {"job", "from group"}, {"__param_blank", "gone"}}),
                     {labels::of({{"__address__", "x:1"}}),
                      labels::of({{"__address__", "y:2"}, {"zone", "us"}, {"__param_module", "own"}})}};
  CHECK(discovered_labels(group, 0, settings).to_string() ==
        R"({__address__="x:1", __always_scrape_classic_histograms__="false", )"
        R"(__convert_classic_histograms_to_nhcb__="false", __metrics_path__="/metrics", __param_module="http", )"
        R"(__scheme__="http", __scrape_interval__="15s", __scrape_native_histograms__="false", )"
        R"(__scrape_timeout__="10s", job="from group", team="a", zone="eu"})");
  auto second = discovered_labels(group, 1, settings);
  CHECK(second.get("zone") == "us");
  CHECK(second.get("team") == "a");
  CHECK(second.get("__param_module") == "http");  // a parameter of the job wins over all
}

TEST_CASE("a target without rules gets its defaults") {
  auto made = kept({{"__address__", "10.0.0.1:9100"}, {"__meta_x", "y"}, {"__tmp", "t"}, {"zone", "eu"}});
  CHECK(made.visible == labels::of({{"instance", "10.0.0.1:9100"}, {"job", "node"}, {"zone", "eu"}}));
  CHECK(made.all.get("__tmp") == "t");
  CHECK(made.all.get("__scheme__") == "http");
  CHECK(made.all.get("__meta_x").empty());
  CHECK(made.url == "http://10.0.0.1:9100/metrics");
  CHECK(made.interval == milliseconds(15'000));
  CHECK(made.timeout == milliseconds(10'000));
  CHECK(made.unix_socket.empty());
}

TEST_CASE("labels of a target may change how it is scraped") {
  auto made = kept({{"__address__", "a:1"},
                    {"__scheme__", "https"},
                    {"__metrics_path__", "/x"},
                    {"instance", "mine"},
                    {"job", "other"},
                    {"__scrape_interval__", "1m30s"},
                    {"__scrape_timeout__", "500ms"},
                    {"__unix_socket__", "/run/a.sock"},
                    {"__scrape_native_histograms__", "T"},
                    {"__convert_classic_histograms_to_nhcb__", "1"},
                    {"__always_scrape_classic_histograms__", "True"}});
  CHECK(made.url == "https://a:1/x");
  CHECK(made.visible == labels::of({{"instance", "mine"}, {"job", "other"}}));
  CHECK(made.interval == milliseconds(90'000));
  CHECK(made.timeout == milliseconds(500));
  CHECK(made.unix_socket == "/run/a.sock");
  CHECK(made.scrape_native_histograms);
  CHECK(made.convert_classic_histograms_to_nhcb);
  CHECK(made.always_scrape_classic_histograms);
}

TEST_CASE("the job decides on histograms where no label does") {
  auto settings = node_settings();
  settings.scrape_native_histograms = true;
  settings.relabel = program_of({set_label("__always_scrape_classic_histograms__", "")});
  settings.always_scrape_classic_histograms = true;
  auto made = kept({{"__address__", "a:1"}, {"__scrape_native_histograms__", "f"}}, settings);
  CHECK_FALSE(made.scrape_native_histograms);
  CHECK(made.always_scrape_classic_histograms);  // the rule removed the label
  CHECK_FALSE(made.convert_classic_histograms_to_nhcb);
}

TEST_CASE("URLs are put together as Go does") {
  struct {
    std::string title;
    pairs own;
    std::map<std::string, std::vector<std::string>> params;
    std::string url;
  } cases[] = {
      {"IPv6", {{"__address__", "[2001:db8::1]:9100"}}, {}, "http://[2001:db8::1]:9100/metrics"},
      {"an IPv6 zone", {{"__address__", "[fe80::1%eth0]:1"}}, {}, "http://[fe80::1%25eth0]:1/metrics"},
      {"no port is added", {{"__address__", "host"}}, {}, "http://host/metrics"},
      {"an address with odd characters", {{"__address__", "a b?c#d@e"}}, {}, "http://a%20b%3Fc%23d%40e/metrics"},
      {"a path without a slash", {{"__address__", "a:1"}, {"__metrics_path__", "metrics"}}, {}, "http://a:1/metrics"},
      {"a path with a question mark",
       {{"__address__", "a:1"}, {"__metrics_path__", "/m?x=1"}},
       {},
       "http://a:1/m%3Fx=1"},
      {"a path with all kinds of characters",
       {{"__address__", "a:1"}, {"__metrics_path__", "/-_.~$&+,/:;=@ !'()*[]\"%#é"}},
       {},
       "http://a:1/-_.~$&+,/:;=@%20%21%27%28%29%2A%5B%5D%22%25%23%C3%A9"},
      {"a star alone", {{"__address__", "a:1"}, {"__metrics_path__", "*"}}, {}, "http://a:1/*"},
      {"parameters in order of name, values in order given",
       {{"__address__", "a:1"}},
       {{"z", {"1", "2"}}, {"b", {"x y", ""}}, {"a&", {"=?/"}}, {"none", {}}},
       "http://a:1/metrics?a%26=%3D%3F%2F&b=x+y&b=&z=1&z=2"},
      {"a parameter in UTF-8", {{"__address__", "a:1"}}, {{"q", {"é~-_.*"}}}, "http://a:1/metrics?q=%C3%A9~-_.%2A"},
      {"a parameter from a label",
       {{"__address__", "a:1"}, {"__param_target", "https://b/c d"}},
       {},
       "http://a:1/metrics?target=https%3A%2F%2Fb%2Fc+d"},
      {"a label beside the job's parameters",
       {{"__address__", "a:1"}, {"__param_m", "x"}},
       {{"n", {"1"}}, {"m", {}}},
       "http://a:1/metrics?m=x&n=1"},
      {"an empty first value", {{"__address__", "a:1"}}, {{"m", {"", "2"}}}, "http://a:1/metrics?m=&m=2"},
      {"a parameter without a name", {{"__address__", "a:1"}, {"__param_", "x"}}, {}, "http://a:1/metrics?=x"},
  };
  for (const auto& c : cases) {
    INFO(c.title);
    auto settings = node_settings();
    settings.params = c.params;
    CHECK(kept(c.own, settings).url == c.url);
  }
}

TEST_CASE("relabeling may replace the first value of a parameter") {
  auto settings = node_settings();
  settings.params = {{"module", {"http", "more"}}};
  settings.relabel = program_of({set_label("__param_module", "icmp")});
  CHECK(kept({{"__address__", "a:1"}}, settings).url == "http://a:1/metrics?module=icmp&module=more");
  settings.relabel = program_of({set_label("__param_module", "")});
  CHECK(kept({{"__address__", "a:1"}}, settings).url == "http://a:1/metrics?module=http&module=more");
}

TEST_CASE("a probe swaps address and parameter") {
  relabel::rule_config to_param, to_instance;
  to_param.source_labels = {"__address__"};
  to_param.target_label = "__param_target";
  to_instance.source_labels = {"__param_target"};
  to_instance.target_label = "instance";
  auto settings = node_settings();
  settings.metrics_path = "/probe";
  settings.relabel = program_of({to_param, to_instance, set_label("__address__", "blackbox:9115")});
  auto made = kept({{"__address__", "https://example.com/x"}}, settings);
  CHECK(made.url == "http://blackbox:9115/probe?target=https%3A%2F%2Fexample.com%2Fx");
  CHECK(made.visible == labels::of({{"instance", "https://example.com/x"}, {"job", "node"}}));
}

TEST_CASE("an unfit target is told why") {
  struct {
    pairs own;
    std::string message;
  } cases[] = {
      {{{"zone", "eu"}}, "no address"},
      {{{"__unix_socket__", "/run/x.sock"}}, "no address"},
      {{{"__address__", "http://a:1"}}, "\"http://a:1\" is not a valid hostname"},
      {{{"__address__", "a/b"}}, "\"a/b\" is not a valid hostname"},
      {{{"__address__", "a"}, {"__scrape_interval__", "notanumber"}},
       "error parsing scrape interval: not a valid duration string: \"notanumber\""},
      {{{"__address__", "a"}, {"__scrape_interval__", "0"}}, "scrape interval cannot be 0"},
      {{{"__address__", "a"}, {"__scrape_interval__", "0s"}}, "scrape interval cannot be 0"},
      {{{"__address__", "a"}, {"__scrape_timeout__", "10"}},
       "error parsing scrape timeout: not a valid duration string: \"10\""},
      {{{"__address__", "a"}, {"__scrape_timeout__", "0s"}}, "scrape timeout cannot be 0"},
      {{{"__address__", "a"}, {"__scrape_timeout__", "20s"}},
       "scrape timeout cannot be greater than scrape interval (\"20s\" > \"15s\")"},
      {{{"__address__", "a"}, {"__scrape_native_histograms__", "yes"}},
       "error parsing __scrape_native_histograms__: strconv.ParseBool: parsing \"yes\": invalid syntax"},
      {{{"__address__", "a"}, {"__convert_classic_histograms_to_nhcb__", "tRUE"}},
       "error parsing __convert_classic_histograms_to_nhcb__: strconv.ParseBool: parsing \"tRUE\": invalid syntax"},
      {{{"__address__", "a"}, {"__always_scrape_classic_histograms__", "2"}},
       "error parsing __always_scrape_classic_histograms__: strconv.ParseBool: parsing \"2\": invalid syntax"},
      {{{"__address__", "a"}, {"zone", "\xFF"}}, "invalid label value for \"zone\": \"\\xff\""},
      // The first check that fails speaks.
      {{{"__address__", "a/b"}, {"__scrape_interval__", "x"}}, "\"a/b\" is not a valid hostname"},
      {{{"__address__", "a"}, {"__scrape_interval__", "0s"}, {"__scrape_timeout__", "x"}},
       "scrape interval cannot be 0"},
      {{{"__address__", "a"}, {"__scrape_timeout__", "1h"}, {"__scrape_native_histograms__", "x"}},
       "scrape timeout cannot be greater than scrape interval (\"1h\" > \"15s\")"},
      // Neither does harm.
      {{{"__address__", "a"}, {"__meta_bytes", "\xFF"}}, ""},
      {{{"__address__", "a"}, {"0 odd name", "x"}}, ""},
  };
  for (const auto& c : cases) {
    INFO(c.message);
    CHECK(failure_of(c.own) == c.message);
  }
}

TEST_CASE("a rule that removes a required label makes the target unfit") {
  auto settings = node_settings();
  settings.relabel = program_of({set_label("__scrape_interval__", "")});
  CHECK(failure_of({{"__address__", "a"}}, settings) == "error parsing scrape interval: empty duration string");
  relabel::rule_config keep_none;
  keep_none.action = relabel::action::labelkeep;
  keep_none.regex = "nothing";
  settings.relabel = program_of({keep_none});
  CHECK(failure_of({{"__address__", "a"}}, settings) == "no address");
}

TEST_CASE("a dropped target names its rule, even if it is unfit as well") {
  relabel::rule_config drop;
  drop.action = relabel::action::drop;
  auto settings = node_settings();
  settings.relabel = program_of({set_label("a", "b"), drop});
  auto outcome = outcome_of({{"zone", "eu"}}, settings);
  REQUIRE(std::holds_alternative<dropped_by_rule>(outcome));
  CHECK(std::get<dropped_by_rule>(outcome) == dropped_by_rule{1});
}

TEST_CASE("the identity follows labels and URL, and nothing else") {
  auto base = kept({{"__address__", "a:1"}, {"__meta_pod", "one"}});
  CHECK(base.identity == kept({{"__address__", "a:1"}, {"__meta_pod", "two"}}).identity);
  CHECK(base.identity == kept({{"__address__", "a:1"}, {"instance", "a:1"}}).identity);
  CHECK(base.identity != kept({{"__address__", "a:2"}}).identity);
  CHECK(base.identity != kept({{"__address__", "a:1"}, {"__tmp_x", "1"}}).identity);
  CHECK(base.identity != kept({{"__address__", "a:1"}, {"__scrape_interval__", "20s"}}).identity);
  auto settings = node_settings();
  settings.params = {{"p", {"", "1"}}};  // changes the URL alone
  auto other = kept({{"__address__", "a:1"}}, settings);
  CHECK(base.all == other.all);
  CHECK(base.identity != other.identity);
}

TEST_CASE("one factory makes target after target") {
  target_factory factory(node_settings());
  target_group group{"s", labels::of({{"zone", "eu"}}), {}};
  for (int i = 0; i < 50; ++i) group.targets.push_back(labels::of({{"__address__", "h:" + std::to_string(i)}}));
  for (size_t i = 0; i < group.targets.size(); ++i) {
    auto direct = std::get<target>(factory.make(group, i));
    auto in_steps = std::get<target>(factory.make(factory.discovered(group, i)));
    CHECK(direct.all == in_steps.all);
    CHECK(direct.identity == in_steps.identity);
    CHECK(direct.url == "http://h:" + std::to_string(i) + "/metrics");
  }
}
