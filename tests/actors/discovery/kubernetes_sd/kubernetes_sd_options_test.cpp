#include "actors/discovery/kubernetes_sd/kubernetes_sd_options.hpp"

#include "config/load.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace rollcall;
namespace fs = std::filesystem;

namespace {

const fs::path here = fs::path(TEST_SOURCE_DIR) / "actors/discovery/kubernetes_sd";

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  REQUIRE(in);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

result<config_ptr> loaded(const std::string& text) {
  static const std::array<mechanism, 1> table = {kubernetes_sd_configuration()};
  load_options options;
  options.mechanisms = table;
  return load_text(text, "", options);
}

const kubernetes_sd_options& options_of(const config& from, size_t job, size_t entry) {
  return dynamic_cast<const kubernetes_sd_options&>(*from.scrape_configs.at(job)->sd_configs.at(entry).options);
}

}  // namespace

TEST_CASE("a wrong entry is refused with the message and the place that its first line states") {
  constexpr std::string_view mark = "# error: ";
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(here)) {
    if (!entry.path().string().ends_with(".bad.yml")) continue;
    ++files;
    CAPTURE(entry.path().filename());
    const auto text = text_of(entry.path());
    REQUIRE(text.starts_with(mark));
    auto outcome = loaded(text);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().message == text.substr(mark.size(), text.find('\n') - mark.size()));
  }
  CHECK(files >= 11);
}

TEST_CASE("every option is read, and what is written reads as the same") {
  auto read = loaded(text_of(here / "all_options.good.yml"));
  REQUIRE(read);
  const auto& within = options_of(**read, 0, 0);
  CHECK(within.role == kubernetes::resource::pod);
  CHECK(within.own_namespace);
  CHECK(within.namespaces == std::vector<std::string>{"a", "b"});
  const auto& without = options_of(**read, 1, 0);
  CHECK(without.role == kubernetes::resource::endpoint_slice);
  CHECK(without.api_server == "https://user:pass@k.example:6443");
  CHECK(without.selectors.at(kubernetes::resource::pod).field == "spec.nodeName=n");
  CHECK(without.selectors.at(kubernetes::resource::service).label == "app=web");
  CHECK(without.attach == kubernetes::attached_metadata{.node = true, .cron_job = true});
  REQUIRE(without.client.authorization);
  CHECK(options_of(**read, 1, 1).kubeconfig_file == "kubeconfig");

  CHECK((*read)->yaml.find("pass") == std::string::npos);
  CHECK((*read)->yaml.find("credentials: secret") == std::string::npos);
  auto again = loaded((*read)->yaml);
  REQUIRE(again);
  CHECK((*again)->yaml == (*read)->yaml);
  CHECK(options_of(**again, 0, 0).equals(within));
}

TEST_CASE("entries are equal when everything of them is") {
  kubernetes_sd_options one;
  auto two = one;
  CHECK(one.equals(two));
  SECTION("role") { two.role = kubernetes::resource::node; }
  SECTION("server") { two.api_server = "http://k"; }
  SECTION("kubeconfig file") { two.kubeconfig_file = "k"; }
  SECTION("own namespace") { two.own_namespace = true; }
  SECTION("namespaces") { two.namespaces = {"a"}; }
  SECTION("selectors") { two.selectors[kubernetes::resource::pod].label = "a=b"; }
  SECTION("attached metadata") { two.attach.name_space = true; }
  SECTION("client") { two.client.follow_redirects = false; }
  CHECK_FALSE(one.equals(two));
}
