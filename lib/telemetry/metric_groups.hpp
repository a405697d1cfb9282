#pragma once

#include "lib/telemetry/metric_set.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <string>

/// Groups of metrics by who keeps them. Names and labels are Prometheus's where it has the metric, so that dashboards
/// and alerts go on working; `rollcall_*` is what Prometheus has no counterpart of. A group leaves the registry with
/// its series when it is destroyed.
namespace rollcall {

/// The scrape layer of the whole process.
class scrape_metrics {
  metric_set set_;

 public:
  explicit scrape_metrics(prometheus::Registry& registry);

  counter& pools;
  counter& pools_failed;
  counter& pool_reloads;
  counter& pool_reloads_failed;
  counter& exceeded_target_limit;
  counter& exceeded_body_size_limit;
  counter& exceeded_sample_limit;
  counter& exceeded_label_limits;
  counter& exceeded_native_histogram_bucket_limit;
  counter& cache_flush_forced;
  counter& duplicate_timestamp;
  counter& out_of_order;
  counter& out_of_bounds;
  counter& exemplar_out_of_order;
};

/// One job's scrape pool.
class pool_metrics {
  metric_set set_;

 public:
  pool_metrics(prometheus::Registry& registry, const std::string& job);

  gauge& target_limit;
  gauge& targets;
  counter& syncs;
  summary& sync_length;  ///< In seconds; as the histogram.
  histogram& sync_length_histogram;
  counter& sync_failed;  ///< Targets that could not be made.
  gauge& metadata_cache_entries;
  gauge& metadata_cache_bytes;
};

/// What is kept per scrape interval. One observation takes two uncontended mutexes, about 0.3 us.
class interval_metrics {
  metric_set set_;

 public:
  interval_metrics(prometheus::Registry& registry, const std::string& interval);

  /// Records the time between two scrapes of a target.
  void observe_length(std::chrono::nanoseconds actual);

  summary& length;  ///< In seconds, as the others.
  histogram& length_histogram;
  summary& reload_length;
};

/// The discovery manager (its name is "scrape"; Prometheus has another for alert managers), and what mechanisms count.
class discovery_metrics {
  metric_set manager_;
  metric_set mechanisms_;

 public:
  explicit discovery_metrics(prometheus::Registry& registry);

  gauge& failed_configs;
  counter& received_updates;
  counter& updates_delayed;
  counter& updates;
  counter& file_read_errors;
  summary& file_scan_duration;  ///< In seconds.
  counter& file_watcher_errors;
  counter& http_failures;
  counter& dns_lookups;
  counter& dns_lookup_failures;
  counter& zookeeper_failures;
  gauge& zookeeper_watchers;  ///< Znodes that are watched.
};

/// What is discovered for one job.
class discovered_metrics {
  metric_set set_;

 public:
  discovered_metrics(prometheus::Registry& registry, const std::string& job);

  gauge& targets;
  gauge& last_update_timestamp;  ///< Seconds since the Unix epoch.
};

/// One refresh of a polling mechanism after the other. `config` is the first job that uses it.
class refresh_metrics {
  metric_set set_;

 public:
  refresh_metrics(prometheus::Registry& registry, const std::string& mechanism, const std::string& config,
                  histogram& all_of_mechanism);

  /// Records how long a refresh took, whether it succeeded or not.
  void observe(std::chrono::nanoseconds duration);

  counter& failures;
  summary& duration;  ///< In seconds, as the histogram.
  histogram& duration_histogram;
};

/// One file that file_sd reads.
class file_metrics {
  metric_set set_;

 public:
  file_metrics(prometheus::Registry& registry, const std::string& filename);

  gauge& modified;  ///< Seconds since the Unix epoch.
};

/// Connections of one kind of HTTP client: a job, a discovery mechanism, remote write.
class dialer_metrics {
  metric_set set_;

 public:
  dialer_metrics(prometheus::Registry& registry, const std::string& dialer);

  counter& attempted;
  counter& established;
  counter& closed;
  counter& refused;
  counter& resolution_failed;
  counter& timed_out;
  counter& failed_otherwise;
};

/// What came in for remote write, whatever the endpoint.
class write_input_metrics {
  metric_set set_;

 public:
  explicit write_input_metrics(prometheus::Registry& registry);

  counter& samples;
  counter& exemplars;
  counter& histograms;
  gauge& highest_timestamp;  ///< Seconds since the Unix epoch.
};

/// One handler of our own web server.
class handler_metrics {
  metric_set set_;

 public:
  handler_metrics(prometheus::Registry& registry, const std::string& handler);

  /// The requests that were answered with this status.
  counter& requests(int code);

  histogram& duration;       ///< In seconds.
  histogram& response_size;  ///< In bytes.

 private:
  std::mutex mutex_;
  std::map<int, counter*> requests_;
};

/// The process as a whole.
class daemon_metrics {
  metric_set set_;

 public:
  explicit daemon_metrics(prometheus::Registry& registry);

  gauge& config_last_reload_successful;
  gauge& config_last_reload_success_timestamp;  ///< Seconds since the Unix epoch.
  gauge& ready;                                 ///< 0 starting, 1 ready, 2 stopping.
  gauge& actors_running;
  gauge& series_block_store_blocks;
  gauge& series_block_store_bytes;
};

}  // namespace rollcall
