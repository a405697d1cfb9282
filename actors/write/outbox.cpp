#include "actors/write/outbox.hpp"

#include "lib/base/assert.hpp"
#include "lib/base/earlier.hpp"
#include "lib/http/url.hpp"

#include <algorithm>

namespace rollcall {

namespace {

using remote_write::message_kind;
using remote_write::outcome;
using remote_write::wire_form;

// Tags of metadata are told from those of the queue by this bit.
constexpr uint64_t metadata_tag = uint64_t{1} << 63;
constexpr uint64_t samples_per_pause = 2000;

remote_write::request_builder_options builder_options(const write_settings& settings, const outbox_bounds& bounds,
                                                      wire_form form) {
  auto compiled = relabel::program::compile(settings.config.write_relabel_configs, settings.scheme);
  // The rules were checked when the configuration was loaded.
  ROLLCALL_ASSERT(compiled);
  remote_write::request_builder_options options;
  options.message = form.message;
  options.compression = form.compression;
  options.rules = {settings.external_labels, std::move(*compiled)};
  options.samples_max = settings.config.queue_config.max_samples_per_send;
  options.sample_age_max = settings.config.queue_config.sample_age_limit.count();
  options.send_native_histograms = settings.config.send_native_histograms;
  options.send_exemplars = settings.config.send_exemplars;
  options.plan_bytes_max = bounds.plan_bytes_max;
  return options;
}

queue::durable_queue_options queue_options(const write_settings& settings, const outbox_bounds& bounds,
                                           wire_form form) {
  const auto& config = settings.config.queue_config;
  auto options = bounds.durable;
  options.merged_samples_max = config.max_samples_per_send;
  auto& send = options.send;
  send.form = form;
  send.samples_max = std::max(config.capacity * config.max_shards, bounds.queue_samples_min);
  send.bytes_max = bounds.queue_bytes_max;
  send.window = {config.min_shards, config.max_shards, config.min_backoff, config.max_backoff};
  send.answer_timeout = settings.config.remote_timeout + bounds.answer_grace;
  return options;
}

remote_write::metadata_queue_options metadata_options(const write_settings& settings, const outbox_bounds& bounds) {
  remote_write::metadata_queue_options options;
  options.interval = settings.config.metadata_config.send_interval;
  options.entries_max = settings.config.metadata_config.max_samples_per_send;
  options.send = queue_options(settings, bounds, wire_form()).send;
  return options;
}

wire_form form_of(const write_settings& settings) {
  bool is_v2 = settings.config.protobuf_message == write_message::v2;
  bool is_zstd = settings.config.compression == write_compression::zstd;
  return {is_v2 ? message_kind::v2 : message_kind::v1,
          is_zstd ? remote_write::compression::zstd : remote_write::compression::snappy};
}

}  // namespace

outbox::outbox(write_settings_ptr settings, outbox_bounds bounds, const environment& process)
    : settings_(std::move(settings)),
      bounds_(bounds),
      form_(form_of(*settings_)),
      builder_(builder_options(*settings_, bounds, form_)),
      queue_name_(settings_->config.name),
      queue_(queue_options(*settings_, bounds, form_)),
      metadata_(metadata_options(*settings_, bounds)),
      metrics_(process.metrics->endpoint(settings_->config.name, http::redact_password(settings_->config.url))) {}

void outbox::reload(write_settings_ptr settings, const environment& process) {
  if (*settings == *settings_) return;
  cut(process.wall_clock());
  report();
  settings_ = std::move(settings);
  metadata_.reconfigure(metadata_options(*settings_, bounds_));
  // It may understand more than it did.
  zstd_ = remote_write::zstd_support::unknown;
  speak(form_of(*settings_));
  metrics_ = process.metrics->endpoint(settings_->config.name, http::redact_password(settings_->config.url));
  report();
}

wire_form outbox::configured_form() const { return form_of(*settings_); }

// Nothing must have been begun.
void outbox::speak(wire_form form) {
  form_ = form;
  builder_.reconfigure(builder_options(*settings_, bounds_, form));
  queue_.reconfigure(queue_options(*settings_, bounds_, form));
}

// Messages of version 2 have it in them.
bool outbox::sends_metadata() const {
  return settings_->config.metadata_config.send && form_.message == message_kind::v1;
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
  if (sends_metadata()) metadata_.note(batch.metadata);
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

std::vector<remote_write::attempt> outbox::take_due(milliseconds now, int64_t wall_now) {
  auto age_limit = settings_->config.queue_config.sample_age_limit.count();
  auto due = queue_.take_due(now, age_limit > 0 ? wall_now - age_limit : INT64_MIN);
  if (!sends_metadata()) return due;
  for (auto& attempt : metadata_.take_due(now)) {
    attempt.tag |= metadata_tag;
    due.push_back(std::move(attempt));
  }
  return due;
}

std::optional<milliseconds> outbox::next_due() const {
  auto next = queue_.next_due();
  return sends_metadata() ? earlier(next, metadata_.next_due()) : next;
}

void outbox::fail_all(milliseconds now) {
  queue_.fail_all(now);
  metadata_.fail_all(now);
}

std::optional<remote_write::answer> outbox::answered(uint64_t tag, const http::response& response, milliseconds now,
                                                     int64_t wall_now) {
  bool is_metadata = (tag & metadata_tag) != 0;
  tag &= ~metadata_tag;
  const auto* sent = is_metadata ? metadata_.under_way(tag) : queue_.under_way(tag);
  if (sent == nullptr) return std::nullopt;
  auto on_429 = settings_->config.queue_config.retry_on_http_429 ? remote_write::too_many_requests::retry
                                                                 : remote_write::too_many_requests::refuse;
  auto at = std::chrono::sys_time<milliseconds>(milliseconds(wall_now));
  auto answer =
      remote_write::classify_response(response, *sent, {on_429, zstd_}, std::chrono::floor<std::chrono::seconds>(at));
  bool is_proof = sent->compression == remote_write::compression::zstd && answer.outcome == outcome::delivered;
  if (is_proof) zstd_ = remote_write::zstd_support::proven;
  if (is_metadata) {
    settle_metadata(tag, answer, now);
  } else {
    settle(tag, answer, now, wall_now);
  }
  last_error = answer.error;
  return answer;
}

void outbox::settle(uint64_t tag, const remote_write::answer& answer, milliseconds now, int64_t wall_now) {
  switch (answer.outcome) {
    case outcome::delivered:
      queue_.delivered(tag, answer.written);
      break;
    case outcome::refused:
      queue_.refused(tag, wall_now, answer.error, answer.written.value_or(remote_write::item_counts{}), answer.blame);
      break;
    case outcome::retry:
      queue_.failed(tag, now, answer.hold_off);
      break;
    case outcome::unsupported:
      if (form_ != wire_form()) {
        cut(wall_now);
        speak(wire_form());
      }
      // Its turn comes again, and then it is rewritten.
      queue_.failed(tag, now, std::nullopt);
      break;
  }
}

void outbox::settle_metadata(uint64_t tag, const remote_write::answer& answer, milliseconds now) {
  if (answer.outcome == outcome::delivered) {
    metadata_.delivered(tag);
  } else if (answer.outcome == outcome::retry) {
    metadata_.failed(tag, now, answer.hold_off);
  } else {
    metadata_.refused(tag);
  }
}

}  // namespace rollcall
