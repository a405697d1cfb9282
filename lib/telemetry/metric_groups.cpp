#include "lib/telemetry/metric_groups.hpp"

#include <vector>

namespace rollcall {

namespace {

using prometheus::Registry;

const summary::Quantiles scrape_quantiles{{0.01, 0.001}, {0.05, 0.005}, {0.5, 0.05}, {0.9, 0.01}, {0.99, 0.001}};
const summary::Quantiles refresh_quantiles{{0.5, 0.05}, {0.9, 0.01}, {0.99, 0.001}};
const std::vector<double> scrape_bounds{.01, .1, 1, 10};
const std::vector<double> request_bounds{.1, .2, .4, 1, 3, 8, 20, 60, 120};
const std::vector<double> response_bounds{100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};

double seconds(std::chrono::nanoseconds duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

scrape_metrics::scrape_metrics(Registry& registry)
    : set_(registry),
      pools(set_.add_counter("prometheus_target_scrape_pools_total", "Total number of scrape pool creation attempts.")),
      pools_failed(set_.add_counter("prometheus_target_scrape_pools_failed_total",
                                    "Total number of scrape pool creations that failed.")),
      pool_reloads(
          set_.add_counter("prometheus_target_scrape_pool_reloads_total", "Total number of scrape pool reloads.")),
      pool_reloads_failed(set_.add_counter("prometheus_target_scrape_pool_reloads_failed_total",
                                           "Total number of failed scrape pool reloads.")),
      exceeded_target_limit(
          set_.add_counter("prometheus_target_scrape_pool_exceeded_target_limit_total",
                           "Total number of times scrape pools hit the target limit, during sync or config reload.")),
      exceeded_body_size_limit(set_.add_counter("prometheus_target_scrapes_exceeded_body_size_limit_total",
                                                "Total number of scrapes that hit the body size limit.")),
      exceeded_sample_limit(set_.add_counter("prometheus_target_scrapes_exceeded_sample_limit_total",
                                             "Total number of scrapes that hit the sample limit and were rejected.")),
      exceeded_label_limits(
          set_.add_counter("prometheus_target_scrape_pool_exceeded_label_limits_total",
                           "Total number of times scrape pools hit the label limits, during sync or config reload.")),
      exceeded_native_histogram_bucket_limit(
          set_.add_counter("prometheus_target_scrapes_exceeded_native_histogram_bucket_limit_total",
                           "Total number of scrapes that hit the native histogram bucket limit and were rejected.")),
      cache_flush_forced(
          set_.add_counter("prometheus_target_scrapes_cache_flush_forced_total",
                           "How many times a scrape cache was flushed due to getting big while scrapes are failing.")),
      duplicate_timestamp(
          set_.add_counter("prometheus_target_scrapes_sample_duplicate_timestamp_total",
                           "Total number of samples rejected due to duplicate timestamps but different values.")),
      out_of_order(set_.add_counter("prometheus_target_scrapes_sample_out_of_order_total",
                                    "Total number of samples rejected due to not being in the expected order.")),
      out_of_bounds(
          set_.add_counter("prometheus_target_scrapes_sample_out_of_bounds_total",
                           "Total number of samples rejected due to timestamp falling outside of the time bounds.")),
      exemplar_out_of_order(
          set_.add_counter("prometheus_target_scrapes_exemplar_out_of_order_total",
                           "Total number of exemplars rejected due to not being in the expected order.")) {}

pool_metrics::pool_metrics(Registry& registry, const std::string& job)
    : set_(registry, {{"scrape_job", job}}),
      target_limit(set_.add_gauge("prometheus_target_scrape_pool_target_limit",
                                  "Maximum number of targets allowed in this scrape pool.")),
      targets(
          set_.add_gauge("prometheus_target_scrape_pool_targets", "Current number of targets in this scrape pool.")),
      syncs(set_.add_counter("prometheus_target_scrape_pool_sync_total",
                             "Total number of syncs that were executed on a scrape pool.")),
      sync_length(set_.add_summary("prometheus_target_sync_length_seconds", "Actual interval to sync the scrape pool.",
                                   scrape_quantiles)),
      sync_length_histogram(set_.add_histogram("prometheus_target_sync_length_histogram_seconds",
                                               "Actual interval to sync the scrape pool.", scrape_bounds)),
      sync_failed(set_.add_counter("prometheus_target_sync_failed_total", "Total number of target sync failures.")),
      metadata_cache_entries(set_.add_gauge("prometheus_target_metadata_cache_entries",
                                            "Total number of metric metadata entries in the cache.")),
      metadata_cache_bytes(
          set_.add_gauge("prometheus_target_metadata_cache_bytes",
                         "The number of bytes that are currently used for storing metric metadata in the cache.")) {}

interval_metrics::interval_metrics(Registry& registry, const std::string& interval)
    : set_(registry, {{"interval", interval}}),
      length(set_.add_summary("prometheus_target_interval_length_seconds", "Actual intervals between scrapes.",
                              scrape_quantiles)),
      length_histogram(set_.add_histogram("prometheus_target_interval_length_histogram_seconds",
                                          "Actual intervals between scrapes.", scrape_bounds)),
      reload_length(set_.add_summary("prometheus_target_reload_length_seconds",
                                     "Actual interval to reload the scrape pool with a given configuration.",
                                     scrape_quantiles)) {}

void interval_metrics::observe_length(std::chrono::nanoseconds actual) {
  length.Observe(seconds(actual));
  length_histogram.Observe(seconds(actual));
}

discovery_metrics::discovery_metrics(Registry& registry)
    : manager_(registry, {{"name", "scrape"}}),
      mechanisms_(registry),
      failed_configs(manager_.add_gauge("prometheus_sd_failed_configs",
                                        "Current number of service discovery configurations that failed to load.")),
      received_updates(manager_.add_counter("prometheus_sd_received_updates_total",
                                            "Total number of update events received from the SD providers.")),
      updates_delayed(manager_.add_counter("prometheus_sd_updates_delayed_total",
                                           "Total number of update events that couldn't be sent immediately.")),
      updates(manager_.add_counter("prometheus_sd_updates_total",
                                   "Total number of update events sent to the SD consumers.")),
      file_read_errors(
          mechanisms_.add_counter("prometheus_sd_file_read_errors_total", "The number of File-SD read errors.")),
      file_scan_duration(mechanisms_.add_summary("prometheus_sd_file_scan_duration_seconds",
                                                 "The duration of the File-SD scan in seconds.", refresh_quantiles)),
      file_watcher_errors(mechanisms_.add_counter("prometheus_sd_file_watcher_errors_total",
                                                  "The number of File-SD errors caused by filesystem watch failures.")),
      http_failures(mechanisms_.add_counter("prometheus_sd_http_failures_total",
                                            "Number of HTTP service discovery refresh failures.")),
      dns_lookups(mechanisms_.add_counter("prometheus_sd_dns_lookups_total", "The number of DNS-SD lookups.")),
      dns_lookup_failures(
          mechanisms_.add_counter("prometheus_sd_dns_lookup_failures_total", "The number of DNS-SD lookup failures.")),
      zookeeper_failures(mechanisms_.add_counter("prometheus_treecache_zookeeper_failures_total",
                                                 "The total number of ZooKeeper failures.")),
      zookeeper_watchers(
          mechanisms_.add_gauge("prometheus_treecache_watcher_goroutines", "The current number of watched znodes.")) {}

discovered_metrics::discovered_metrics(Registry& registry, const std::string& job)
    : set_(registry, {{"name", "scrape"}, {"config", job}}),
      targets(set_.add_gauge("prometheus_sd_discovered_targets", "Current number of discovered targets.")),
      last_update_timestamp(set_.add_gauge("prometheus_sd_last_update_timestamp_seconds",
                                           "Timestamp of the last update sent to the SD consumers.")) {}

refresh_metrics::refresh_metrics(Registry& registry, const std::string& mechanism, const std::string& config,
                                 histogram& all_of_mechanism)
    : set_(registry, {{"mechanism", mechanism}, {"config", config}}),
      failures(set_.add_counter("prometheus_sd_refresh_failures_total",
                                "Number of refresh failures for the given SD mechanism.")),
      duration(set_.add_summary("prometheus_sd_refresh_duration_seconds",
                                "The duration of a refresh in seconds for the given SD mechanism.", refresh_quantiles)),
      duration_histogram(all_of_mechanism) {}

void refresh_metrics::observe(std::chrono::nanoseconds spent) {
  duration.Observe(seconds(spent));
  duration_histogram.Observe(seconds(spent));
}

file_metrics::file_metrics(Registry& registry, const std::string& filename)
    : set_(registry, {{"filename", filename}}),
      modified(set_.add_gauge("prometheus_sd_file_mtime_seconds",
                              "Timestamp (mtime) of files read by FileSD. Timestamp is set at read time.")) {}

dialer_metrics::dialer_metrics(Registry& registry, const std::string& dialer)
    : set_(registry, {{"dialer_name", dialer}}),
      attempted(set_.add_counter("net_conntrack_dialer_conn_attempted_total",
                                 "Total number of connections attempted by the given dialer a given name.")),
      established(
          set_.add_counter("net_conntrack_dialer_conn_established_total",
                           "Total number of connections successfully established by the given dialer a given name.")),
      closed(set_.add_counter("net_conntrack_dialer_conn_closed_total",
                              "Total number of connections closed which originated from the dialer of a given name.")),
      refused(set_.add_counter("net_conntrack_dialer_conn_failed_total",
                               "Total number of connections failed to dial by the dialer a given name.",
                               {{"reason", "refused"}})),
      resolution_failed(set_.add_counter("net_conntrack_dialer_conn_failed_total",
                                         "Total number of connections failed to dial by the dialer a given name.",
                                         {{"reason", "resolution"}})),
      timed_out(set_.add_counter("net_conntrack_dialer_conn_failed_total",
                                 "Total number of connections failed to dial by the dialer a given name.",
                                 {{"reason", "timeout"}})),
      failed_otherwise(set_.add_counter("net_conntrack_dialer_conn_failed_total",
                                        "Total number of connections failed to dial by the dialer a given name.",
                                        {{"reason", "unknown"}})) {}

write_input_metrics::write_input_metrics(Registry& registry)
    : set_(registry),
      samples(set_.add_counter("prometheus_remote_storage_samples_in_total",
                               "Samples in to remote storage, compare to samples out for queue managers.")),
      exemplars(set_.add_counter("prometheus_remote_storage_exemplars_in_total",
                                 "Exemplars in to remote storage, compare to exemplars out for queue managers.")),
      histograms(set_.add_counter("prometheus_remote_storage_histograms_in_total",
                                  "Histograms in to remote storage, compare to histograms out for queue managers.")),
      highest_timestamp(
          set_.add_gauge("prometheus_remote_storage_highest_timestamp_in_seconds",
                         "Highest timestamp that has come into the remote storage, in seconds since epoch.")) {}

handler_metrics::handler_metrics(Registry& registry, const std::string& handler)
    : set_(registry, {{"handler", handler}}),
      duration(set_.add_histogram("prometheus_http_request_duration_seconds",
                                  "Histogram of latencies for HTTP requests.", request_bounds)),
      response_size(set_.add_histogram("prometheus_http_response_size_bytes",
                                       "Histogram of response size for HTTP requests.", response_bounds)) {}

counter& handler_metrics::requests(int code) {
  std::lock_guard lock(mutex_);
  auto& slot = requests_[code];
  if (slot == nullptr)
    slot = &set_.add_counter("prometheus_http_requests_total", "Counter of HTTP requests.",
                             {{"code", std::to_string(code)}});
  return *slot;
}

daemon_metrics::daemon_metrics(Registry& registry)
    : set_(registry),
      config_last_reload_successful(set_.add_gauge("prometheus_config_last_reload_successful",
                                                   "Whether the last configuration reload attempt was successful.")),
      config_last_reload_success_timestamp(set_.add_gauge("prometheus_config_last_reload_success_timestamp_seconds",
                                                          "Timestamp of the last successful configuration reload.")),
      ready(set_.add_gauge(
          "prometheus_ready",
          "Whether Prometheus startup was fully completed and the server is ready for normal operation.")),
      actors_running(set_.add_gauge("rollcall_actors_running", "Actors that are alive.")),
      series_block_store_blocks(
          set_.add_gauge("rollcall_series_block_store_blocks", "Blocks of series labels held in memory.")),
      series_block_store_bytes(
          set_.add_gauge("rollcall_series_block_store_bytes", "Memory held by blocks of series labels, in bytes.")) {}

}  // namespace rollcall
