#pragma once

#include "lib/telemetry/metric_set.hpp"

#include <string>

namespace rollcall {

/// What became of one kind of data: samples, exemplars, histograms or metadata.
struct delivery_metrics {
  delivery_metrics(metric_set& set, const std::string& kind);

  counter& sent;
  counter& failed;
  counter& retried;
};

/// What of one kind was never sent, by reason.
struct dropped_metrics {
  dropped_metrics(metric_set& set, const std::string& kind);

  counter& too_old;
  counter& dropped_series;  ///< By write relabeling.
  counter& unintentionally_dropped_series;
  counter& queue_full;
};

/// What an endpoint has on disk.
struct queue_metrics {
  explicit queue_metrics(metric_set& set);

  gauge& blocks;
  gauge& bytes;
  gauge& unstored_bytes;
  gauge& oldest_timestamp;  ///< Seconds since the Unix epoch.
  gauge& set_aside_blocks;
  gauge& set_aside_bytes;
  counter& lost_disk_full;
  counter& lost_too_old;
  counter& lost_damaged;
  counter& store_failures;
};

/// One remote_write endpoint.
class write_metrics {
  metric_set set_;

 public:
  write_metrics(prometheus::Registry& registry, const std::string& remote_name, const std::string& url);

  delivery_metrics samples, exemplars, histograms, metadata;
  dropped_metrics samples_dropped, exemplars_dropped, histograms_dropped;
  counter& custom_buckets_dropped;  ///< Histograms that remote_write 1.0 has no form for.
  queue_metrics queue;
  gauge& samples_pending;
  gauge& exemplars_pending;
  gauge& histograms_pending;
  counter& enqueue_retries;
  histogram& sent_batch_duration;  ///< In seconds.
  gauge& highest_timestamp;        ///< Seconds since the Unix epoch, of the newest sample taken.
  gauge& highest_sent_timestamp;   ///< Likewise, of the newest sample sent.
  counter& bytes;
  counter& metadata_bytes;
  gauge& shard_capacity;
  gauge& shards;
  gauge& shards_max;
  gauge& shards_min;
  gauge& shards_desired;
  gauge& max_samples_per_send;
};

}  // namespace rollcall
