#include "actors/write/outbox.hpp"

#include "lib/base/assert.hpp"
#include "lib/http/url.hpp"

#include <algorithm>

namespace rollcall {

namespace {

constexpr uint64_t samples_per_pause = 2000;

remote_write::request_builder_options builder_options(const write_settings& settings, const outbox_bounds& bounds) {
  auto compiled = relabel::program::compile(settings.config.write_relabel_configs, settings.scheme);
  // The rules were checked when the configuration was loaded.
  ROLLCALL_ASSERT(compiled);
  remote_write::request_builder_options options;
  options.rules = {settings.external_labels, std::move(*compiled)};
  options.samples_max = settings.config.queue_config.max_samples_per_send;
  options.sample_age_max = settings.config.queue_config.sample_age_limit.count();
  options.send_native_histograms = settings.config.send_native_histograms;
  options.send_exemplars = settings.config.send_exemplars;
  options.plan_bytes_max = bounds.plan_bytes_max;
  return options;
}

queue::durable_queue_options queue_options(const write_settings& settings, const outbox_bounds& bounds) {
  const auto& config = settings.config.queue_config;
  auto options = bounds.durable;
  options.merged_samples_max = config.max_samples_per_send;
  auto& send = options.send;
  send.samples_max = std::max(config.capacity * config.max_shards, bounds.queue_samples_min);
  send.bytes_max = bounds.queue_bytes_max;
  send.window = {config.min_shards, config.max_shards, config.min_backoff, config.max_backoff};
  send.answer_timeout = settings.config.remote_timeout + bounds.answer_grace;
  return options;
}

}  // namespace

outbox::outbox(write_settings_ptr settings, outbox_bounds bounds, const environment& process)
    : settings_(std::move(settings)),
      bounds_(bounds),
      builder_(builder_options(*settings_, bounds)),
      queue_name_(settings_->config.name),
      queue_(queue_options(*settings_, bounds)),
      metrics_(process.metrics->endpoint(settings_->config.name, http::redact_password(settings_->config.url))) {}

void outbox::reload(write_settings_ptr settings, const environment& process) {
  if (*settings == *settings_) return;
  cut(process.wall_clock());
  builder_.reconfigure(builder_options(*settings, bounds_));
  queue_.reconfigure(queue_options(*settings, bounds_));
  report();
  settings_ = std::move(settings);
  metrics_ = process.metrics->endpoint(settings_->config.name, http::redact_password(settings_->config.url));
  report();
}

void outbox::take(const series::scrape_batch& batch, milliseconds now, int64_t wall_now) {
  if (builder_.empty()) begun_ = now;
  builder_.append(batch, wall_now, [this, now, wall_now](remote_write::request full) {
    queue_.push(std::move(full), wall_now);
    begun_ = now;
    draft_due_.reset();
  });
  if (builder_.empty()) {
    draft_due_.reset();
  } else if (!draft_due_ && queue_.is_durable()) {
    draft_due_ = now + bounds_.unnoted_max * (1 + builder_.samples() / samples_per_pause);
  }
  timestamp_highest_ = std::max(timestamp_highest_, batch.timestamp);
}

void outbox::draft(int64_t wall_now) {
  draft_due_.reset();
  if (!builder_.empty()) queue_.draft(builder_.draft(), wall_now);
}

void outbox::cut(int64_t wall_now) {
  draft_due_.reset();
  if (!builder_.empty())
    queue_.push_held(builder_.cut(), wall_now, begun_ + settings_->config.queue_config.batch_send_deadline);
}

void outbox::cut_and_release(int64_t wall_now) {
  cut(wall_now);
  queue_.release_held();
}

std::optional<milliseconds> outbox::cut_due() const {
  if (builder_.empty()) return std::nullopt;
  auto deadline = settings_->config.queue_config.batch_send_deadline;
  return begun_ + (queue_.is_durable() ? std::min(deadline, bounds_.unstored_max) : deadline);
}

void outbox::report() {
  const auto totals = queue_.totals();
  auto add = [](counter& metric, uint64_t total, uint64_t reported) {
    if (total != reported) metric.Increment(static_cast<double>(total - reported));
  };
  auto& metrics = *metrics_;
  add(metrics.samples.sent, totals.attempted, reported_.attempted);
  add(metrics.samples.failed, totals.refused, reported_.refused);
  add(metrics.samples.retried, totals.retried, reported_.retried);
  add(metrics.samples_dropped.queue_full, totals.dropped_queue_full, reported_.dropped_queue_full);
  add(metrics.bytes, totals.bytes, reported_.bytes);
  const auto& left_out = builder_.left_out();
  add(metrics.samples_dropped.too_old, totals.dropped_too_old + left_out.too_old,
      reported_.dropped_too_old + reported_left_out_.too_old);
  add(metrics.samples_dropped.dropped_series, left_out.by_relabeling, reported_left_out_.by_relabeling);
  reported_ = totals;
  reported_left_out_ = left_out;
  metrics.samples_pending.Set(static_cast<double>(samples_pending()));
  metrics.highest_timestamp.Set(static_cast<double>(timestamp_highest_) / 1e3);
  metrics.highest_sent_timestamp.Set(static_cast<double>(totals.timestamp_highest) / 1e3);
  const auto& config = settings_->config.queue_config;
  metrics.shard_capacity.Set(static_cast<double>(config.capacity));
  metrics.shards.Set(static_cast<double>(queue_.window()));
  metrics.shards_desired.Set(static_cast<double>(queue_.window()));
  metrics.shards_max.Set(static_cast<double>(config.max_shards));
  metrics.shards_min.Set(static_cast<double>(config.min_shards));
  metrics.max_samples_per_send.Set(static_cast<double>(config.max_samples_per_send));
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
  status.samples_dropped =
      totals.dropped_queue_full + totals.dropped_too_old + left_out.too_old + left_out.by_relabeling;
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
  for (const auto& each : queue.set_aside) status.set_aside_bytes += each.bytes;
  status.set_aside = std::move(queue.set_aside);
  status.store_error = std::move(queue.store_error);
  return status;
}

}  // namespace rollcall
