#include "config/diff.hpp"

#include "tests/config/mechanism_table.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;

namespace {

config_ptr load_or_fail(const std::string& text) {
  auto loaded = load_text(text, "", test_options());
  if (!loaded) FAIL(loaded.error().message);
  return *loaded;
}

const std::string base =
    "scrape_configs:\n"
    "- job_name: a\n  static_configs: [{targets: ['a:1']}]\n"
    "- job_name: b\n  file_sd_configs: [{files: [x.json]}]\n"
    "- job_name: c\n  http_sd_configs: [{url: 'http://sd'}]\n"
    "remote_write:\n"
    "- {url: 'http://one', name: one, basic_auth: {username: u, password: p}}\n"
    "- {url: 'http://two'}\n";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

using names = std::vector<std::string>;

TEST_CASE("finds nothing to do between equal configurations loaded twice") {
  auto found = diff(*load_or_fail(base), *load_or_fail(base));
  CHECK(found.empty());
  CHECK(found.jobs_unchanged == names{"a", "b", "c"});
}

TEST_CASE("tells jobs added, removed, changed and unchanged apart") {
  auto after = replaced(base, "job_name: a\n", "job_name: d\n");
  after = replaced(after, "x.json", "y.json");
  auto found = diff(*load_or_fail(base), *load_or_fail(after));
  CHECK(found.jobs_added == names{"d"});
  CHECK(found.jobs_removed == names{"a"});
  CHECK(found.jobs_changed == names{"b"});
  CHECK(found.jobs_unchanged == names{"c"});
  CHECK_FALSE(found.remote_write_changed);
  CHECK_FALSE(found.empty());
}

TEST_CASE("sees a change in each kind of discovery, in settings and in secrets") {
  auto [from, to, job] = GENERATE(table<std::string, std::string, std::string>({
      {"'a:1'", "'a:2'", "a"},
      {"[{targets: ['a:1']}]", "[{targets: ['a:1'], labels: {x: '1'}}]", "a"},
      {"[{targets: ['a:1']}]", "[{targets: ['a:1']}, {targets: ['b:1']}]", "a"},
      {"[{files: [x.json]}]", "[{files: [x.json], refresh_interval: 1m}]", "b"},
      {"[{files: [x.json]}]", "[{files: [x.json]}, {files: [x.json]}]", "b"},
      {"'http://sd'", "'http://sd', bearer_token: t", "c"},
      {"- job_name: c\n", "- job_name: c\n  honor_labels: true\n", "c"},
      {"- job_name: c\n", "- job_name: c\n  relabel_configs: [{action: drop, regex: x}]\n", "c"},
      {"- job_name: c\n", "- job_name: c\n  params: {a: [b]}\n", "c"},
  }));
  CAPTURE(to);
  auto found = diff(*load_or_fail(base), *load_or_fail(replaced(base, from, to)));
  CHECK(found.jobs_changed == names{job});
  CHECK(found.jobs_unchanged.size() == 2);
  CHECK_FALSE(found.remote_write_changed);
}

TEST_CASE("a changed default changes the jobs that inherit it and no other") {
  auto before =
      "global: {scrape_interval: 30s}\n" + replaced(base, "- job_name: b\n", "- job_name: b\n  scrape_interval: 20s\n");
  auto after = replaced(before, "30s", "40s");
  auto found = diff(*load_or_fail(before), *load_or_fail(after));
  CHECK(found.jobs_changed == names{"a", "c"});
  CHECK(found.jobs_unchanged == names{"b"});
}

TEST_CASE("the order of jobs and of endpoints is no change") {
  auto after = std::string(
      "remote_write:\n"
      "- {url: 'http://two'}\n"
      "- {url: 'http://one', name: one, basic_auth: {username: u, password: p}}\n"
      "scrape_configs:\n"
      "- job_name: c\n  http_sd_configs: [{url: 'http://sd'}]\n"
      "- job_name: a\n  static_configs: [{targets: ['a:1']}]\n"
      "- job_name: b\n  file_sd_configs: [{files: [x.json]}]\n");
  CHECK(diff(*load_or_fail(base), *load_or_fail(after)).empty());
}

TEST_CASE("sees a change of remote write, also of a password alone and of what all endpoints send") {
  auto [from, to] = GENERATE(table<std::string, std::string>({
      {"http://two", "http://three"},
      {"password: p", "password: q"},
      {"- {url: 'http://two'}\n", ""},
      {"scrape_configs", "global: {external_labels: {dc: x}}\nscrape_configs"},
  }));
  CAPTURE(to);
  auto found = diff(*load_or_fail(base), *load_or_fail(replaced(base, from, to)));
  CHECK(found.remote_write_changed);
  CHECK(found.external_labels_changed == (from == "scrape_configs"));
  CHECK(found.jobs_changed.empty());
  CHECK_FALSE(found.empty());
}

}  // namespace
