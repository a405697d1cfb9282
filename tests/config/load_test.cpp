#include "config/load.hpp"

#include "actors/discovery/file_sd/file_sd_options.hpp"
#include "actors/discovery/http_sd/http_sd_options.hpp"
#include "actors/discovery/static_sd/static_sd_options.hpp"
#include "tests/config/mechanism_table.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace rollcall;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

config_ptr load_or_fail(std::string_view text, const fs::path& name = {}) {
  auto loaded = load_text(text, name, test_options());
  if (!loaded) FAIL(loaded.error().message);
  return *loaded;
}

std::string message_of(std::string_view text) {
  auto loaded = load_text(text, "", test_options());
  REQUIRE_FALSE(loaded);
  return loaded.error().message;
}

/// A directory of its own for each test, gone afterwards.
class temporary_directory {
 public:
  temporary_directory() {
    auto pattern = (fs::temp_directory_path() / "rollcall-config-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~temporary_directory() { fs::remove_all(path_); }
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;

  fs::path write(const fs::path& name, std::string_view text) const {
    auto file = path_ / name;
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

TEST_CASE("an empty file means all defaults") {
  auto loaded = load_or_fail("");
  CHECK(loaded->global == global_config{});
  CHECK(loaded->server == server_config{});
  CHECK(loaded->scrape_configs.empty());
  CHECK(loaded->remote_writes.empty());
  CHECK(loaded->global.scrape_interval == 1min);
  CHECK(loaded->global.scrape_timeout == 10s);
}

TEST_CASE("reads nearly every field of a job") {
  auto loaded = load("" TEST_SOURCE_DIR "/config/good/everything.good.yml", test_options());
  REQUIRE(loaded);
  const fs::path directory = fs::path(TEST_SOURCE_DIR) / "config/good";
  const auto& job = *(*loaded)->scrape_configs.at(0);
  CHECK(job.job_name == "everything");
  CHECK(job.honor_labels);
  CHECK_FALSE(job.honor_timestamps);
  CHECK(job.track_timestamps_staleness);
  CHECK(job.params ==
        std::map<std::string, std::vector<std::string>>{{"collect[]", {"cpu", "meminfo"}}, {"empty", {}}});
  CHECK(job.scrape_interval == 50s);
  CHECK(job.scrape_timeout == 5s);
  CHECK(job.scrape_protocols == std::vector{scrape_protocol::prometheus_text_0_0_4});
  CHECK(job.fallback_scrape_protocol == scrape_protocol::prometheus_text_0_0_4);
  CHECK(job.metrics_path == "/my_path");
  CHECK(job.scheme == "https");
  CHECK_FALSE(job.enable_compression);
  CHECK(job.limits == scrape_limits{10 << 20, 1000, 35, 36, 210, 211, 6});
  CHECK(job.metric_name_validation_scheme == name_validation::legacy);
  CHECK(job.metric_name_escaping_scheme == escaping_scheme::underscores);
  CHECK_FALSE(job.extra_scrape_metrics);
  CHECK(job.http.basic_auth == http::basic_auth{{"admin", ""}, {"hidden-basic", ""}});
  CHECK(job.http.tls.ca_file == directory / "tls/ca.pem");
  CHECK(job.http.tls.key.value == "hidden-key");
  CHECK(job.http.tls.version_min == http::tls_version::tls12);
  CHECK(job.http.tls.version_max == http::tls_version::tls13);
  CHECK(job.http.tls.insecure_skip_verify);
  CHECK_FALSE(job.http.follow_redirects);
  CHECK_FALSE(job.http.enable_http2);
  CHECK(job.http.proxy.url == "http://proxy-user:hidden-proxy@proxy:3128");
  CHECK(job.http.proxy.connect_headers.at("Proxy-Token").size() == 2);
  CHECK(job.http.headers.at("X-Tenant") ==
        http::custom_header{{"one", "two"}, {"hidden-header"}, {(directory / "tenant.txt").string()}});
  REQUIRE(job.relabel_configs.size() == 6);
  CHECK(job.relabel_configs[0].action == relabel::action::replace);
  CHECK(job.relabel_configs[0].replacement == "foo-${1}");
  CHECK(job.relabel_configs[1] == relabel::rule_config{.source_labels = {"abc"}, .target_label = "cde"});
  CHECK(job.relabel_configs[3].separator.empty());
  CHECK(job.relabel_configs[3].regex.empty());
  CHECK(job.relabel_configs[5].modulus == 8);
  CHECK(job.metric_relabel_configs.size() == 1);
  CHECK((*loaded)->files == std::vector<fs::path>{directory / "everything.good.yml"});
}

TEST_CASE("reads the discovery of a job, static configs as one") {
  auto loaded = load("" TEST_SOURCE_DIR "/config/good/everything.good.yml", test_options());
  REQUIRE(loaded);
  const fs::path directory = fs::path(TEST_SOURCE_DIR) / "config/good";
  const auto& found = (*loaded)->scrape_configs.at(0)->sd_configs;
  REQUIRE(found.size() == 4);
  CHECK(found[0].mechanism == "static");
  const auto& groups = dynamic_cast<const static_sd_options&>(*found[0].options).groups;
  REQUIRE(groups.size() == 3);
  CHECK(groups[0]->source == "0");
  CHECK(groups[2]->source == "2");
  CHECK(groups[0]->targets == std::vector<packed_labels>{labels::of({{"__address__", "localhost:9090"}}),
                                                         labels::of({{"__address__", "[::1]:9191"}})});
  CHECK(groups[0]->common == labels::of({{"my", "label"}, {"your", "1"}}));
  CHECK(groups[1]->targets.empty());
  const auto& files = dynamic_cast<const file_sd_options&>(*found[1].options);
  CHECK(files.files == std::vector<std::string>{(directory / "foo/*.slow.json").string(), "/etc/single.yml"});
  CHECK(files.refresh_interval == 10min);
  CHECK(dynamic_cast<const file_sd_options&>(*found[2].options).refresh_interval == 5min);
  const auto& http = dynamic_cast<const http_sd_options&>(*found[3].options);
  CHECK(http.url == "https://sd-user:hidden-sd@sd.example.org:8443/targets?a=b");
  CHECK(http.refresh_interval == 90s);
  CHECK(http.client.authorization == http::authorization{"Token", {"hidden-credentials", ""}});
  CHECK(http.client.proxy.from_environment);
}

TEST_CASE("reads every field of a remote_write entry") {
  auto loaded = load("" TEST_SOURCE_DIR "/config/good/everything.good.yml", test_options());
  REQUIRE(loaded);
  const auto& endpoint = (*loaded)->remote_writes.at(0);
  CHECK(endpoint.name == "main");
  CHECK(endpoint.url == "https://rw-user:hidden-rw@sink.example.org/api/v1/push");
  CHECK(endpoint.remote_timeout == 20s);
  CHECK(endpoint.headers == std::map<std::string, std::string>{{"X-Scope-OrgID", "tenant-1"}});
  CHECK(endpoint.write_relabel_configs.at(0).action == relabel::action::drop);
  CHECK(endpoint.protobuf_message == write_message::v2);
  CHECK(endpoint.failed_request_logging);
  CHECK(endpoint.http.enable_http2);
  CHECK(endpoint.http.authorization == http::authorization{"Bearer", {"hidden-write", ""}});
  CHECK(endpoint.queue_config == queue_config{20000, 10, 2, 500, 3s, 100ms, 10s, true, 1h});
  CHECK(endpoint.metadata_config == metadata_config{false, 2min, 100});
  const auto& unnamed = (*loaded)->remote_writes.at(1);
  CHECK(unnamed.hash.size() == 32);
  CHECK(unnamed.name == unnamed.hash.substr(0, 6));
  CHECK(unnamed.protobuf_message == write_message::v1);
  CHECK(unnamed.queue_config == queue_config{});
  CHECK(unnamed.metadata_config == metadata_config{});
  CHECK_FALSE(unnamed.http.enable_http2);
}

TEST_CASE("a job inherits from global what it does not set") {
  auto loaded = load_or_fail(
      "global: {scrape_interval: 20s, scrape_timeout: 15s, sample_limit: 7, keep_dropped_targets: 3, body_size_limit: "
      "1KB,"
      " extra_scrape_metrics: true, scrape_protocols: [PrometheusText1.0.0]}\n"
      "scrape_configs:\n"
      "- job_name: plain\n"
      "- {job_name: fast, scrape_interval: 5s}\n"
      "- {job_name: own, scrape_timeout: 1s, sample_limit: 9, target_limit: 0, body_size_limit: 0, "
      "extra_scrape_metrics: false}\n");
  const auto& jobs = loaded->scrape_configs;
  CHECK(jobs[0]->scrape_interval == 20s);
  CHECK(jobs[0]->scrape_timeout == 15s);
  CHECK(jobs[0]->limits.sample_limit == 7);
  CHECK(jobs[0]->limits.keep_dropped_targets == 3);
  CHECK(jobs[0]->extra_scrape_metrics);
  CHECK(jobs[0]->scrape_protocols == std::vector{scrape_protocol::prometheus_text_1_0_0});
  CHECK(jobs[1]->scrape_timeout == 5s);
  CHECK(jobs[2]->scrape_timeout == 1s);
  CHECK(jobs[2]->limits.sample_limit == 9);
  CHECK(jobs[2]->limits.body_size_limit == 1024);
  CHECK_FALSE(jobs[2]->extra_scrape_metrics);
}

TEST_CASE("an interval below the default timeout lowers the timeout") {
  auto loaded = load_or_fail("global: {scrape_interval: 4s}\nscrape_configs: [{job_name: a}]\n");
  CHECK(loaded->global.scrape_timeout == 4s);
  CHECK(loaded->scrape_configs[0]->scrape_timeout == 4s);
}

TEST_CASE("expands environment variables in external labels and nowhere else") {
  auto loaded = load_or_fail(
      "global:\n  external_labels: {a: $REGION, b: 'x${REGION}y', c: $$REGION, d: '$', e: '$-', f: '${REGION', g: "
      "'${}z',"
      " h: '$UNSET', i: 'p$EMPTY'}\n"
      "scrape_configs: [{job_name: $REGION}]\n");
  CHECK(loaded->global.external_labels == labels::of({{"a", "eu-north-1"},
                                                      {"b", "xeu-north-1y"},
                                                      {"c", "$REGION"},
                                                      {"d", "$"},
                                                      {"e", "$-"},
                                                      {"f", "REGION"},
                                                      {"g", "z"},
                                                      {"i", "p"}}));
  CHECK(loaded->warnings == std::vector<std::string>{"environment variable UNSET is empty or not set",
                                                     "environment variable EMPTY is empty or not set"});
  CHECK(loaded->scrape_configs[0]->job_name == "$REGION");
}

TEST_CASE("resolves relative paths against the directory of the file") {
  auto loaded = load_or_fail(
      "scrape_configs:\n"
      "- job_name: a\n"
      "  basic_auth: {username_file: user, password_file: /abs/pass}\n"
      "  tls_config: {ca_file: ../ca.pem, cert_file: cert.pem, key_file: key.pem}\n"
      "  file_sd_configs: [{files: [sd/*.json]}]\n"
      "- {job_name: b, authorization: {credentials_file: token}}\n",
      "/etc/rollcall/main.yml");
  const auto& http = loaded->scrape_configs[0]->http;
  CHECK(http.basic_auth->username.file == "/etc/rollcall/user");
  CHECK(http.basic_auth->password.file == "/abs/pass");
  CHECK(http.tls.ca_file == "/etc/ca.pem");
  CHECK(http.tls.cert_file == "/etc/rollcall/cert.pem");
  CHECK(http.tls.key.file == "/etc/rollcall/key.pem");
  CHECK(dynamic_cast<const file_sd_options&>(*loaded->scrape_configs[0]->sd_configs[0].options).files[0] ==
        "/etc/rollcall/sd/*.json");
  CHECK(loaded->scrape_configs[1]->http.authorization->credentials.file == "/etc/rollcall/token");
}

TEST_CASE("adds the jobs of scrape_config_files in order of their names") {
  temporary_directory here;
  auto main = here.write("main.yml",
                         "global: {scrape_interval: 20s}\n"
                         "scrape_config_files: [jobs/*.yml, nothing/*.yml, absent.yml]\n"
                         "scrape_configs: [{job_name: own}]\n");
  here.write("jobs/b.yml", "scrape_configs: [{job_name: second, bearer_token_file: token}]\n");
  here.write("jobs/a.yml", "scrape_configs: [{job_name: first}]\n");
  here.write("jobs/empty.yml", "");
  here.write("jobs/other.txt", "not: read");
  fs::create_directory(here.path() / "jobs" / "directory.yml");
  auto loaded = load(main, test_options());
  REQUIRE(loaded);
  const auto& jobs = (*loaded)->scrape_configs;
  REQUIRE(jobs.size() == 3);
  CHECK(jobs[0]->job_name == "own");
  CHECK(jobs[1]->job_name == "first");
  CHECK(jobs[2]->job_name == "second");
  CHECK(jobs[1]->scrape_interval == 20s);
  CHECK(jobs[2]->http.authorization->credentials.file == here.path() / "jobs/token");
  CHECK((*loaded)->files == std::vector<fs::path>{main, here.path() / "jobs/a.yml", here.path() / "jobs/b.yml",
                                                  here.path() / "jobs/empty.yml"});
  CHECK((*loaded)->yaml.find("second") == std::string::npos);
  auto again = load_text((*loaded)->yaml, main, test_options());
  REQUIRE(again);
  CHECK((*again)->scrape_configs.size() == 3);
}

TEST_CASE("names the file in which an error stands") {
  temporary_directory here;
  auto main = here.write("main.yml", "scrape_config_files: [jobs.yml]\nscrape_configs: [{job_name: node}]\n");
  auto jobs = here.write("jobs.yml", "\nscrape_configs:\n- job_name: node\n");
  CHECK(load(main, test_options()).error().message ==
        jobs.string() + ":3:13: found multiple scrape configs with job name \"node\"");
  here.write("jobs.yml", "global: {}\n");
  CHECK(load(main, test_options()).error().message ==
        jobs.string() + ":1:1: field global not found in type scrape_configs file");
  here.write("jobs.yml", "a: [\n");
  CHECK(load(main, test_options()).error().message.starts_with(jobs.string() + ":2:1: "));
  here.write("main.yml", "glob: {}\n");
  CHECK(load(main, test_options()).error().message == main.string() + ":1:1: field glob not found in type config");
}

TEST_CASE("says why a file cannot be read") {
  temporary_directory here;
  auto absent = here.path() / "absent.yml";
  auto loaded = load(absent, test_options());
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error() == error{errc::not_found, "open " + absent.string() + ": No such file or directory"});
  CHECK(load(here.path(), test_options()).error() ==
        error{errc::io, "open " + here.path().string() + ": is a directory"});
}

TEST_CASE("refuses every mechanism of Prometheus that the table does not have") {
  const auto names = {"dns",          "consul",    "kubernetes",  "docker",  "dockerswarm", "nomad",     "eureka",
                      "marathon",     "serverset", "nerve",       "kuma",    "ec2",         "lightsail", "ecs",
                      "msk",          "rds",       "elasticache", "aws",     "azure",       "gce",       "openstack",
                      "digitalocean", "hetzner",   "linode",      "vultr",   "scaleway",    "ionos",     "ovhcloud",
                      "puppetdb",     "triton",    "uyuni",       "stackit", "outscale",    "oci"};
  CHECK(names.size() == 34);
  auto mechanisms = test_options().mechanisms;
  for (const std::string name : names) {
    auto is_it = [&](const mechanism& known) { return known.name == name; };
    if (std::any_of(mechanisms.begin(), mechanisms.end(), is_it)) continue;
    CHECK(message_of("scrape_configs:\n- job_name: a\n  " + name + "_sd_configs: [{}]\n") ==
          "3:3: " + name + "_sd_configs is not supported by this version of rollcall");
  }
  load_options none;
  for (const std::string key : {"static_configs", "file_sd_configs", "http_sd_configs"}) {
    auto loaded = load_text("scrape_configs:\n- job_name: a\n  " + key + ": [{}]\n", "", none);
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error() == error{errc::unsupported, "3:3: " + key + " is not supported by this version of rollcall"});
  }
}

TEST_CASE("every header that Prometheus reserves is refused in any case of its letters") {
  for (const std::string name :
       {"Host", "CONTENT-ENCODING", "content-length", "Content-Type", "User-Agent", "Connection", "Keep-Alive",
        "Proxy-Authenticate", "Proxy-Authorization", "Www-Authenticate", "Accept-Encoding",
        "X-Prometheus-Remote-Write-Version", "X-Prometheus-Remote-Read-Version", "X-Amz-Date", "X-Amz-Security-Token",
        "X-Amz-Content-Sha256"}) {
    CHECK(message_of("remote_write: [{url: 'http://a', headers: {" + name + ": x}}]")
              .ends_with(name + " is a reserved header. It must not be changed"));
    CHECK(message_of("scrape_configs: [{job_name: a, http_headers: {" + name + ": {values: [x]}}}]")
              .ends_with("setting header \"" + name + "\" is not allowed"));
  }
  load_or_fail("remote_write: [{url: 'http://a', headers: {X-Prometheus-Scrape-Timeout-Seconds: x}}]");
}

TEST_CASE("equal entries of remote_write have equal hashes, whatever their secrets, and others do not") {
  auto first = load_or_fail("remote_write: [{url: 'http://a', bearer_token: x}]");
  auto secret = load_or_fail("remote_write: [{url: 'http://a', bearer_token: y}]");
  auto other = load_or_fail("remote_write: [{url: 'http://a', bearer_token: x, remote_timeout: 1s}]");
  CHECK(first->remote_writes[0].hash == secret->remote_writes[0].hash);
  CHECK(first->remote_writes[0] != secret->remote_writes[0]);
  CHECK(first->remote_writes[0].hash != other->remote_writes[0].hash);
}

TEST_CASE("a misspelt key is told rather than what follows from it") {
  CHECK(message_of("scrape_configs: [{jobname: a}]") == "1:19: field jobname not found in type scrape_config");
  CHECK(message_of("remote_write: [{uri: 'http://a'}]") == "1:17: field uri not found in type remote_write");
}

TEST_CASE("the process's environment is asked when the options name none") {
  ::setenv("ROLLCALL_CONFIG_TEST", "from-process", 1);
  load_options options;
  auto loaded = load_text("global: {external_labels: {a: $ROLLCALL_CONFIG_TEST}}", "", options);
  REQUIRE(loaded);
  CHECK((*loaded)->global.external_labels.get("a") == "from-process");
}

}  // namespace
