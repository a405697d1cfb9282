#pragma once

#include "actors/environment.hpp"
#include "lib/queue/durable_queue.hpp"
#include "lib/remote_write/metadata_queue.hpp"
#include "lib/remote_write/request_builder.hpp"
#include "lib/remote_write/response.hpp"
#include "lib/telemetry/telemetry.hpp"
#include "messages/write.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace rollcall {

/// Bounds on what waits for one receiver.
struct outbox_bounds {
  /// Samples that may wait whatever the configuration says. Prometheus's own bound, capacity * max_shards, holds a few
  /// seconds only: it has its log on disk behind it.
  uint64_t queue_samples_min = 10'000'000;
  uint64_t queue_bytes_max = 256 * 1024 * 1024;
  size_t plan_bytes_max = 256 * 1024 * 1024;
  /// How long after a request's own timeout its answer is still waited for.
  milliseconds answer_grace = std::chrono::seconds(10);
  /// How long samples may stay outside of a store, where there is one.
  milliseconds unstored_max = std::chrono::seconds(1);
  /// How long samples may stay outside of the store's journal, where there is one, for each 2,000 that have been begun:
  /// what has been begun is compressed anew each time.
  milliseconds unnoted_max = milliseconds(50);
  /// Of what is kept in the store; what the configuration says takes the place of `send`.
  queue::durable_queue_options durable = {};
};

/// All that one receiver has not yet got, and what became of the rest. It outlives the actor that works on it, so that
/// a crash of that loses none of it; what is in the store survives the process. The mutex is held while a message is
/// handled, as two lives of an actor may overlap.
class outbox {
 public:
  outbox(write_settings_ptr settings, outbox_bounds bounds, const environment& process);

  /// Puts other settings in force for what comes from now on.
  void reload(write_settings_ptr settings, const environment& process);
  /// `now` is of the actor clock, `wall_now` in milliseconds since the Unix epoch.
  void take(const series::scrape_batch& batch, milliseconds now, int64_t wall_now);
  /// Queues what has been begun, if anything. What goes into a store early is held there until its time has come.
  void cut(int64_t wall_now);
  /// Likewise, and has all that is queued go as soon as it can.
  void cut_and_release(int64_t wall_now);
  /// When what has been begun must be queued, on the actor clock; nothing when nothing has.
  std::optional<milliseconds> cut_due() const;
  /// Hands what has been begun over to the store's journal.
  void draft(int64_t wall_now);
  /// When that must be done, on the actor clock; nothing when nothing has come since it was.
  std::optional<milliseconds> draft_due() const { return draft_due_; }
  /// Whether what has been begun would have to wait for older samples if it were queued. As long as that is so it may
  /// just as well grow, or a receiver that takes longer for a request than the time between two would never catch up.
  /// Where there is a store, it grows there.
  bool held_back() const { return !queue_.is_durable() && queue_.would_wait(builder_.sources()); }
  /// What is to be sent now; what is too old is dropped.
  std::vector<remote_write::attempt> take_due(milliseconds now, int64_t wall_now);
  /// The receiver's answer to an attempt. Says what it means; nothing when the attempt is not under way.
  std::optional<remote_write::answer> answered(uint64_t tag, const http::response& response, milliseconds now,
                                               int64_t wall_now);
  /// Nobody will answer what is under way.
  void fail_all(milliseconds now);
  /// When take_due() should be called if nothing happens before.
  std::optional<milliseconds> next_due() const;
  /// Whether the receiver was asked for more than it understands, and gets remote_write 1.0 in snappy since.
  bool fell_back() const { return form_ != configured_form(); }
  /// Brings the metrics up to date.
  void report();

  uint64_t samples_pending() const { return builder_.samples() + queue_.samples(); }
  endpoint_status status() const;
  queue::durable_queue& queue() { return queue_; }
  /// Names what is in the store: the endpoint's name when it was made.
  const std::string& queue_name() const { return queue_name_; }
  const write_settings& settings() const { return *settings_; }
  write_metrics& metrics() { return *metrics_; }

  std::mutex mutex;
  std::string last_error;  ///< Of the receiver; empty after a success.

 private:
  remote_write::wire_form configured_form() const;
  bool sends_metadata() const;
  void speak(remote_write::wire_form form);
  void settle(uint64_t tag, const remote_write::answer& answer, milliseconds now, int64_t wall_now);
  void settle_metadata(uint64_t tag, const remote_write::answer& answer, milliseconds now);
  void report_items();
  void report_queue();
  endpoint_queue queue_status() const;

  write_settings_ptr settings_;
  outbox_bounds bounds_;
  remote_write::wire_form form_;  // what the receiver gets now
  remote_write::zstd_support zstd_ = remote_write::zstd_support::unknown;
  remote_write::request_builder builder_;
  std::string queue_name_;
  queue::durable_queue queue_;
  remote_write::metadata_queue metadata_;
  milliseconds begun_{0};
  std::optional<milliseconds> draft_due_;
  int64_t timestamp_highest_ = 0;
  std::shared_ptr<write_metrics> metrics_;
  // What the metrics were told.
  remote_write::send_totals reported_, reported_metadata_;
  remote_write::left_out reported_left_out_;
  queue::durable_queue_figures reported_queue_;
};

using outbox_ptr = std::shared_ptr<outbox>;

}  // namespace rollcall
