#include "lib/telemetry/write_metrics.hpp"

#include <vector>

namespace rollcall {

namespace {

using prometheus::Registry;

const std::vector<double> batch_bounds{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 25, 60, 120, 300};

counter& add_dropped(metric_set& set, const std::string& kind, const std::string& reason) {
  return set.add_counter(
      "prometheus_remote_storage_" + kind + "_dropped_total",
      "Total number of " + kind + " which were dropped before being sent to remote storage, by reason.",
      {{"reason", reason}});
}

counter& add_lost(metric_set& set, const std::string& reason) {
  return set.add_counter("rollcall_queue_dropped_samples_total",
                         "Samples, histograms and exemplars that the durable queue gave up, by reason.",
                         {{"reason", reason}});
}

}  // namespace

delivery_metrics::delivery_metrics(metric_set& set, const std::string& kind)
    : sent(set.add_counter("prometheus_remote_storage_" + kind + "_total",
                           "Total number of " + kind + " sent to remote storage.")),
      failed(set.add_counter(
          "prometheus_remote_storage_" + kind + "_failed_total",
          "Total number of " + kind + " which failed on send to remote storage, non-recoverable errors.")),
      retried(set.add_counter(
          "prometheus_remote_storage_" + kind + "_retried_total",
          "Total number of " + kind +
              " which failed on send to remote storage but were retried because the send error was recoverable.")) {}

dropped_metrics::dropped_metrics(metric_set& set, const std::string& kind)
    : too_old(add_dropped(set, kind, "too_old")),
      dropped_series(add_dropped(set, kind, "dropped_series")),
      unintentionally_dropped_series(add_dropped(set, kind, "unintentionally_dropped_series")),
      queue_full(add_dropped(set, kind, "queue_full")) {}

queue_metrics::queue_metrics(metric_set& set)
    : blocks(set.add_gauge("rollcall_queue_blocks", "Requests that the durable queue has yet to deliver.")),
      bytes(set.add_gauge("rollcall_queue_bytes", "Their size, as they are on disk.")),
      unstored_bytes(set.add_gauge("rollcall_queue_unstored_bytes", "Their size as far as they are not on disk yet.")),
      oldest_timestamp(
          set.add_gauge("rollcall_queue_oldest_timestamp_seconds",
                        "When the oldest of them was made, in seconds since epoch; 0 when there is none.")),
      set_aside_blocks(set.add_gauge("rollcall_queue_set_aside_blocks",
                                     "Requests that the receiver refused, or that are damaged, and that are kept.")),
      set_aside_bytes(set.add_gauge("rollcall_queue_set_aside_bytes", "Their size.")),
      lost_disk_full(add_lost(set, "disk_full")),
      lost_too_old(add_lost(set, "too_old")),
      lost_damaged(add_lost(set, "damaged")),
      store_failures(set.add_counter("rollcall_queue_store_failures_total",
                                     "Times that the queue could not be opened on disk or written to it.")) {}

write_metrics::write_metrics(Registry& registry, const std::string& remote_name, const std::string& url)
    : set_(registry, {{"remote_name", remote_name}, {"url", url}}),
      samples(set_, "samples"),
      exemplars(set_, "exemplars"),
      histograms(set_, "histograms"),
      metadata(set_, "metadata"),
      samples_dropped(set_, "samples"),
      exemplars_dropped(set_, "exemplars"),
      histograms_dropped(set_, "histograms"),
      custom_buckets_dropped(add_dropped(set_, "histograms", "nhcb_in_rw1_not_supported")),
      queue(set_),
      samples_pending(set_.add_gauge("prometheus_remote_storage_samples_pending",
                                     "The number of samples pending in the queues to be sent to the remote storage.")),
      exemplars_pending(
          set_.add_gauge("prometheus_remote_storage_exemplars_pending",
                         "The number of exemplars pending in the queues to be sent to the remote storage.")),
      histograms_pending(
          set_.add_gauge("prometheus_remote_storage_histograms_pending",
                         "The number of histograms pending in the queues to be sent to the remote storage.")),
      enqueue_retries(set_.add_counter("prometheus_remote_storage_enqueue_retries_total",
                                       "Total number of times enqueue has failed because a shards queue was full.")),
      sent_batch_duration(set_.add_histogram("prometheus_remote_storage_sent_batch_duration_seconds",
                                             "Duration of send calls to the remote storage.", batch_bounds)),
      highest_timestamp(set_.add_gauge("prometheus_remote_storage_queue_highest_timestamp_seconds",
                                       "Highest timestamp that was enqueued, in seconds since epoch.")),
      highest_sent_timestamp(
          set_.add_gauge("prometheus_remote_storage_queue_highest_sent_timestamp_seconds",
                         "Timestamp of the newest sample successfully sent by this queue, in seconds since epoch.")),
      bytes(set_.add_counter("prometheus_remote_storage_bytes_total",
                             "The total number of bytes of data (not metadata) sent by the queue after compression.")),
      metadata_bytes(set_.add_counter("prometheus_remote_storage_metadata_bytes_total",
                                      "The total number of bytes of metadata sent by the queue after compression.")),
      shard_capacity(
          set_.add_gauge("prometheus_remote_storage_shard_capacity",
                         "The capacity of each shard of the queue used for parallel sending to the remote storage.")),
      shards(set_.add_gauge("prometheus_remote_storage_shards",
                            "The number of shards used for parallel sending to the remote storage.")),
      shards_max(set_.add_gauge("prometheus_remote_storage_shards_max",
                                "The maximum number of shards that the queue is allowed to run.")),
      shards_min(set_.add_gauge("prometheus_remote_storage_shards_min",
                                "The minimum number of shards that the queue is allowed to run.")),
      shards_desired(set_.add_gauge("prometheus_remote_storage_shards_desired",
                                    "The number of shards that the queues shard calculation wants to run.")),
      max_samples_per_send(
          set_.add_gauge("prometheus_remote_storage_max_samples_per_send",
                         "The maximum number of samples to be sent, in a single request, to the remote storage.")) {}

}  // namespace rollcall
