#include "lib/telemetry/telemetry.hpp"

#include <catch2/catch.hpp>
#include <unistd.h>

#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

/// The value of the sample with this name and these labels as they are printed, or "absent".
std::string sample(const std::string& text, const std::string& series) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(series + ' ')) return line.substr(series.size() + 1);
  return "absent";
}

std::vector<std::string> family_names(const std::string& text) {
  std::vector<std::string> names;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("# TYPE ")) names.push_back(line.substr(7, line.find(' ', 7) - 7));
  return names;
}

}  // namespace

TEST_CASE("a counter that was incremented shows in the rendered text") {
  telemetry metrics;
  metrics.scrape.exceeded_sample_limit.Increment();
  metrics.scrape.exceeded_sample_limit.Increment(2);
  CHECK(sample(metrics.render(), "prometheus_target_scrapes_exceeded_sample_limit_total") == "3");
}

TEST_CASE("a value that is no number is spelled NaN") {
  telemetry metrics;
  const auto text = metrics.render();
  CHECK(sample(text, "prometheus_sd_file_scan_duration_seconds{quantile=\"0.5\"}") == "NaN");
  CHECK(text.find("Nan") == std::string::npos);
}

TEST_CASE("metrics of the process are there before anything happened") {
  telemetry metrics;
  const auto text = metrics.render();
  const auto names = family_names(text);
  const std::set<std::string> present(names.begin(), names.end());
  for (const char* name : {"prometheus_target_scrape_pools_total",
                           "prometheus_target_scrape_pools_failed_total",
                           "prometheus_target_scrape_pool_reloads_total",
                           "prometheus_target_scrape_pool_reloads_failed_total",
                           "prometheus_target_scrape_pool_exceeded_target_limit_total",
                           "prometheus_target_scrapes_exceeded_body_size_limit_total",
                           "prometheus_target_scrapes_exceeded_sample_limit_total",
                           "prometheus_target_scrape_pool_exceeded_label_limits_total",
                           "prometheus_target_scrapes_exceeded_native_histogram_bucket_limit_total",
                           "prometheus_target_scrapes_cache_flush_forced_total",
                           "prometheus_target_scrapes_sample_duplicate_timestamp_total",
                           "prometheus_target_scrapes_sample_out_of_order_total",
                           "prometheus_target_scrapes_sample_out_of_bounds_total",
                           "prometheus_target_scrapes_exemplar_out_of_order_total",
                           "prometheus_sd_failed_configs",
                           "prometheus_sd_received_updates_total",
                           "prometheus_sd_updates_delayed_total",
                           "prometheus_sd_updates_total",
                           "prometheus_sd_file_read_errors_total",
                           "prometheus_sd_file_scan_duration_seconds",
                           "prometheus_sd_file_watcher_errors_total",
                           "prometheus_sd_http_failures_total",
                           "prometheus_remote_storage_samples_in_total",
                           "prometheus_remote_storage_exemplars_in_total",
                           "prometheus_remote_storage_histograms_in_total",
                           "prometheus_remote_storage_highest_timestamp_in_seconds",
                           "prometheus_config_last_reload_successful",
                           "prometheus_config_last_reload_success_timestamp_seconds",
                           "prometheus_ready",
                           "prometheus_build_info",
                           "process_cpu_seconds_total",
                           "process_resident_memory_bytes",
                           "process_virtual_memory_bytes",
                           "process_open_fds",
                           "process_max_fds",
                           "process_start_time_seconds",
                           "rollcall_actors_running",
                           "rollcall_discovery_snapshots_written_total",
                           "rollcall_discovery_snapshot_failures_total",
                           "rollcall_series_block_store_blocks",
                           "rollcall_series_block_store_bytes"}) {
    INFO(name);
    CHECK(present.contains(name));
  }
  CHECK(sample(text, "prometheus_sd_updates_total{name=\"scrape\"}") == "0");
}

TEST_CASE("families come in order of name and each only once") {
  telemetry metrics;
  auto one = metrics.pool("one");
  auto two = metrics.pool("two");
  auto endpoint = metrics.endpoint("main", "http://receiver/write");
  auto names = family_names(metrics.render());
  CHECK(std::is_sorted(names.begin(), names.end()));
  CHECK(std::set<std::string>(names.begin(), names.end()).size() == names.size());
}

TEST_CASE("a job's series vanish with the last who holds its pool metrics") {
  telemetry metrics;
  const std::string series = "prometheus_target_scrape_pool_targets{scrape_job=\"node\"}";
  auto held = metrics.pool("node");
  auto also_held = metrics.pool("node");
  auto other = metrics.pool("other");
  CHECK(held == also_held);
  held->targets.Set(7);
  held.reset();
  CHECK(sample(metrics.render(), series) == "7");
  also_held.reset();
  CHECK(metrics.render().find("scrape_job=\"node\"") == std::string::npos);
  CHECK(metrics.render().find("scrape_job=\"other\"") != std::string::npos);
  CHECK(metrics.pool("node")->targets.Value() == 0);
}

TEST_CASE("a pool that comes back while its predecessor goes keeps its series") {
  telemetry metrics;
  for (int round = 0; round < 200; ++round) {
    auto first = metrics.pool("node");
    std::thread leaver([moved = std::move(first)]() mutable { moved.reset(); });
    auto second = metrics.pool("node");
    leaver.join();
    second->syncs.Increment();
    REQUIRE(sample(metrics.render(), "prometheus_target_scrape_pool_sync_total{scrape_job=\"node\"}") != "absent");
  }
}

TEST_CASE("intervals are labelled as Go prints durations") {
  telemetry metrics;
  const std::vector<std::pair<std::chrono::milliseconds, std::string>> cases{
      {15s, "15s"},     {1min, "1m0s"},        {90s, "1m30s"},   {500ms, "500ms"},
      {1500ms, "1.5s"}, {2h + 30s, "2h0m30s"}, {1050ms, "1.05s"}};
  for (const auto& [interval, label] : cases) {
    INFO(label);
    auto group = metrics.interval(interval);
    group->observe_length(interval);
    CHECK(sample(metrics.render(), "prometheus_target_interval_length_seconds_count{interval=\"" + label + "\"}") ==
          "1");
  }
}

TEST_CASE("interval lengths show as quantiles and in buckets") {
  telemetry metrics;
  auto group = metrics.interval(15s);
  for (int i = 0; i < 100; ++i) group->observe_length(15s);
  group->observe_length(5s);
  const auto text = metrics.render();
  CHECK(sample(text, "prometheus_target_interval_length_seconds{interval=\"15s\",quantile=\"0.5\"}") == "15");
  CHECK(sample(text, "prometheus_target_interval_length_histogram_seconds_bucket{interval=\"15s\",le=\"10\"}") == "1");
  CHECK(sample(text, "prometheus_target_interval_length_histogram_seconds_bucket{interval=\"15s\",le=\"+Inf\"}") ==
        "101");
  CHECK(sample(text, "prometheus_target_interval_length_histogram_seconds_sum{interval=\"15s\"}") == "1505");
}

TEST_CASE("the histogram of refreshes is shared by all configurations of a mechanism") {
  telemetry metrics;
  auto one = metrics.refresh("http", "one");
  auto two = metrics.refresh("http", "two");
  one->observe(50ms);
  two->observe(50ms);
  two->failures.Increment();
  two.reset();
  const auto text = metrics.render();
  CHECK(sample(text, "prometheus_sd_refresh_duration_histogram_seconds_count{mechanism=\"http\"}") == "2");
  CHECK(sample(text, "prometheus_sd_refresh_duration_seconds_count{config=\"one\",mechanism=\"http\"}") == "1");
  CHECK(sample(text, "prometheus_sd_refresh_failures_total{config=\"one\",mechanism=\"http\"}") == "0");
  CHECK(text.find("config=\"two\"") == std::string::npos);
}

TEST_CASE("an endpoint's metrics carry its name and URL") {
  telemetry metrics;
  auto endpoint = metrics.endpoint("main", "http://receiver/write");
  endpoint->samples.sent.Increment(500);
  endpoint->samples_dropped.too_old.Increment();
  endpoint->samples_pending.Set(12);
  endpoint->sent_batch_duration.Observe(0.2);
  const auto text = metrics.render();
  const std::string labels = "{remote_name=\"main\",url=\"http://receiver/write\"}";
  CHECK(sample(text, "prometheus_remote_storage_samples_total" + labels) == "500");
  CHECK(sample(text, "prometheus_remote_storage_samples_pending" + labels) == "12");
  CHECK(sample(text, "prometheus_remote_storage_sent_batch_duration_seconds_count" + labels) == "1");
  CHECK(sample(text,
               "prometheus_remote_storage_samples_dropped_total{reason=\"too_old\",remote_name=\"main\","
               "url=\"http://receiver/write\"}") == "1");
}

TEST_CASE("requests are counted by handler and code") {
  telemetry metrics;
  auto handler = metrics.handler("/metrics");
  handler->requests(200).Increment();
  handler->requests(200).Increment();
  handler->requests(503).Increment();
  handler->duration.Observe(0.01);
  handler->response_size.Observe(5000);
  const auto text = metrics.render();
  CHECK(sample(text, "prometheus_http_requests_total{code=\"200\",handler=\"/metrics\"}") == "2");
  CHECK(sample(text, "prometheus_http_requests_total{code=\"503\",handler=\"/metrics\"}") == "1");
  CHECK(sample(text, "prometheus_http_request_duration_seconds_bucket{handler=\"/metrics\",le=\"0.1\"}") == "1");
  CHECK(sample(text, "prometheus_http_response_size_bytes_bucket{handler=\"/metrics\",le=\"1000\"}") == "0");
}

TEST_CASE("what is set before each rendering is up to date in it") {
  telemetry metrics;
  int calls = 0;
  metrics.on_collect([&] { metrics.daemon.actors_running.Set(++calls); });
  CHECK(sample(metrics.render(), "rollcall_actors_running") == "1");
  CHECK(sample(metrics.render(), "rollcall_actors_running") == "2");
}

TEST_CASE("connections that failed are told apart by reason") {
  telemetry metrics;
  auto dialer = metrics.dialer("node");
  dialer->attempted.Increment();
  dialer->refused.Increment();
  const auto text = metrics.render();
  CHECK(sample(text, "net_conntrack_dialer_conn_attempted_total{dialer_name=\"node\"}") == "1");
  CHECK(sample(text, "net_conntrack_dialer_conn_failed_total{dialer_name=\"node\",reason=\"refused\"}") == "1");
  CHECK(sample(text, "net_conntrack_dialer_conn_failed_total{dialer_name=\"node\",reason=\"timeout\"}") == "0");
}

TEST_CASE("restarts are counted by kind of actor, however often the counter is asked for") {
  telemetry metrics;
  for (int i = 0; i < 3; ++i) metrics.actor_restarts("scrape-loop").Increment();
  metrics.actor_restarts("provider").Increment();
  const auto text = metrics.render();
  CHECK(sample(text, "rollcall_actor_restarts_total{actor=\"scrape-loop\"}") == "3");
  CHECK(sample(text, "rollcall_actor_restarts_total{actor=\"provider\"}") == "1");
}

TEST_CASE("increments from several threads all count") {
  telemetry metrics;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      auto pool = metrics.pool("node");
      for (int j = 0; j < 10'000; ++j) metrics.scrape.out_of_order.Increment();
    });
  for (int i = 0; i < 5; ++i) metrics.render();
  for (auto& thread : threads) thread.join();
  CHECK(metrics.scrape.out_of_order.Value() == 40'000);
}

TEST_CASE("what the kernel says of the process is plausible") {
  telemetry metrics;
  const auto before = std::stod(sample(metrics.render(), "process_open_fds"));
  int pipe_ends[2];
  REQUIRE(pipe(pipe_ends) == 0);
  const auto text = metrics.render();
  CHECK(std::stod(sample(text, "process_open_fds")) == before + 2);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  const auto resident = std::stod(sample(text, "process_resident_memory_bytes"));
  const auto total = std::stod(sample(text, "process_virtual_memory_bytes"));
  CHECK(resident > 100'000);
  CHECK(resident < total);
  const auto now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  const auto start = std::stod(sample(text, "process_start_time_seconds"));
  CHECK(start < now + 2);
  CHECK(start > now - 3600);
  CHECK(sample(text, "process_cpu_seconds_total") != "absent");
}

TEST_CASE("OpenMetrics names counters without suffix in their metadata and ends with a marker") {
  telemetry metrics;
  const auto text = metrics.render(metrics_format::openmetrics);
  CHECK(text.ends_with("\n# EOF\n"));
  CHECK(text.find("# TYPE prometheus_sd_updates counter\n") != std::string::npos);
  CHECK(text.find("\nprometheus_sd_updates_total{name=\"scrape\"} 0\n") != std::string::npos);
  CHECK(text.find("_total counter") == std::string::npos);
}
