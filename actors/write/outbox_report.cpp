#include "actors/write/outbox.hpp"
#include "lib/http/url.hpp"

/// What an outbox tells of itself: metrics and status.
namespace rollcall {

namespace {

using remote_write::fate_totals;

void add(counter& metric, uint64_t total, uint64_t reported) {
  if (total != reported) metric.Increment(static_cast<double>(total - reported));
}

void set(gauge& metric, uint64_t value) { metric.Set(static_cast<double>(value)); }

void add(delivery_metrics& metrics, const fate_totals& totals, const fate_totals& reported) {
  add(metrics.sent, totals.attempted, reported.attempted);
  add(metrics.failed, totals.refused, reported.refused);
  add(metrics.retried, totals.retried, reported.retried);
}

void add(dropped_metrics& metrics, const fate_totals& totals, const fate_totals& reported) {
  add(metrics.queue_full, totals.dropped_queue_full, reported.dropped_queue_full);
  add(metrics.too_old, totals.dropped_too_old, reported.dropped_too_old);
}

// What is neither a histogram nor an exemplar.
fate_totals floats_of(const remote_write::send_totals& all) {
  auto rest = [&all](uint64_t fate_totals::* fate) { return all.*fate - all.histograms.*fate - all.exemplars.*fate; };
  return {rest(&fate_totals::attempted), rest(&fate_totals::delivered),          rest(&fate_totals::retried),
          rest(&fate_totals::refused),   rest(&fate_totals::dropped_queue_full), rest(&fate_totals::dropped_too_old)};
}

}  // namespace

void outbox::report() {
  report_items();
  report_queue();
  auto& metrics = *metrics_;
  const auto& metadata = metadata_.totals();
  add(metrics.metadata, metadata, reported_metadata_);
  add(metrics.metadata_bytes, metadata.bytes, reported_metadata_.bytes);
  reported_metadata_ = metadata;
  const auto& config = settings_->config.queue_config;
  set(metrics.shard_capacity, config.capacity);
  set(metrics.shards, queue_.window());
  set(metrics.shards_desired, queue_.window());
  set(metrics.shards_max, config.max_shards);
  set(metrics.shards_min, config.min_shards);
  set(metrics.max_samples_per_send, config.max_samples_per_send);
}

void outbox::report_items() {
  auto& metrics = *metrics_;
  const auto totals = queue_.totals();
  auto floats = floats_of(totals), reported_floats = floats_of(reported_);
  add(metrics.samples, floats, reported_floats);
  add(metrics.samples_dropped, floats, reported_floats);
  add(metrics.histograms, totals.histograms, reported_.histograms);
  add(metrics.histograms_dropped, totals.histograms, reported_.histograms);
  add(metrics.exemplars, totals.exemplars, reported_.exemplars);
  add(metrics.exemplars_dropped, totals.exemplars, reported_.exemplars);
  const auto &left = builder_.left_out(), &before = reported_left_out_;
  add(metrics.samples_dropped.too_old, left.too_old, before.too_old);
  add(metrics.samples_dropped.dropped_series, left.by_relabeling, before.by_relabeling);
  add(metrics.histograms_dropped.too_old, left.histograms_too_old, before.histograms_too_old);
  add(metrics.histograms_dropped.dropped_series, left.histograms_by_relabeling, before.histograms_by_relabeling);
  add(metrics.exemplars_dropped.too_old, left.exemplars_too_old, before.exemplars_too_old);
  add(metrics.exemplars_dropped.dropped_series, left.exemplars_by_relabeling, before.exemplars_by_relabeling);
  add(metrics.custom_buckets_dropped, left.custom_buckets + totals.dropped_custom_buckets,
      before.custom_buckets + reported_.dropped_custom_buckets);
  add(metrics.bytes, totals.bytes, reported_.bytes);
  auto pending = builder_.counts();
  pending += queue_.counts();
  set(metrics.samples_pending, pending.floats());
  set(metrics.histograms_pending, pending.histograms);
  set(metrics.exemplars_pending, pending.exemplars);
  metrics.highest_timestamp.Set(static_cast<double>(timestamp_highest_) / 1e3);
  metrics.highest_sent_timestamp.Set(static_cast<double>(totals.timestamp_highest) / 1e3);
  reported_ = totals;
  reported_left_out_ = left;
}

void outbox::report_queue() {
  if (!queue_.is_durable()) return;
  auto& metrics = metrics_->queue;
  auto now = queue_.figures();
  set(metrics.blocks, now.blocks);
  set(metrics.bytes, now.bytes);
  set(metrics.unstored_bytes, now.unstored_bytes);
  metrics.oldest_timestamp.Set(static_cast<double>(now.oldest_created) / 1e3);
  set(metrics.set_aside_blocks, now.set_aside_blocks);
  set(metrics.set_aside_bytes, now.set_aside_bytes);
  add(metrics.lost_disk_full, now.dropped_disk_full, reported_queue_.dropped_disk_full);
  add(metrics.lost_too_old, now.dropped_too_old, reported_queue_.dropped_too_old);
  add(metrics.lost_damaged, now.dropped_damaged, reported_queue_.dropped_damaged);
  add(metrics.store_failures, now.store_failures, reported_queue_.store_failures);
  reported_queue_ = now;
}

endpoint_status outbox::status() const {
  const auto totals = queue_.totals();
  const auto& left_out = builder_.left_out();
  endpoint_status status;
  status.name = settings_->config.name;
  status.url = http::redact_password(settings_->config.url);
  status.samples_pending = samples_pending();
  status.samples_delivered = totals.delivered;
  status.samples_failed = totals.refused;
  status.samples_dropped = totals.dropped_queue_full + totals.dropped_too_old + totals.dropped_custom_buckets +
                           left_out.too_old + left_out.by_relabeling + left_out.histograms_too_old +
                           left_out.histograms_by_relabeling + left_out.custom_buckets;
  status.last_error = last_error;
  status.queue = queue_status();
  return status;
}

endpoint_queue outbox::queue_status() const {
  endpoint_queue status;
  if (!queue_.is_durable()) return status;
  auto queue = queue_.status();
  status.name = queue_name_;
  status.blocks = queue.blocks;
  status.bytes = queue.bytes;
  status.oldest_created = queue.oldest_created;
  status.set_aside_bytes = queue.set_aside_bytes;
  status.set_aside = std::move(queue.set_aside);
  status.store_error = std::move(queue.store_error);
  return status;
}

}  // namespace rollcall
