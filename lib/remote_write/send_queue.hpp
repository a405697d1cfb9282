#pragma once

#include "lib/base/duration.hpp"
#include "lib/remote_write/part_search.hpp"
#include "lib/remote_write/request.hpp"
#include "lib/remote_write/send_window.hpp"
#include "lib/remote_write/source_order.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace rollcall::remote_write {

struct send_queue_options {
  /// What the receiver understands: requests that go beyond it are rewritten when their turn comes.
  wire_form form = {message_kind::v2, compression::zstd};
  uint64_t samples_max = 10'000'000;       ///< Beyond it, or beyond bytes_max, the oldest requests are dropped.
  uint64_t bytes_max = 256 * 1024 * 1024;  ///< Of compressed bodies.
  send_window_options window;              ///< Also gives the bounds of each request's own backoff.
  milliseconds hold_off_max = std::chrono::hours(1);      ///< The longest Retry-After that is honoured.
  milliseconds answer_timeout = std::chrono::minutes(1);  ///< After it, a request without answer is sent again.
};

/// What became of items since the queue was made.
struct fate_totals {
  uint64_t attempted = 0;  ///< Given out to be sent, once for each attempt.
  uint64_t delivered = 0;
  uint64_t retried = 0;  ///< Those of failed attempts that were to be repeated.
  uint64_t refused = 0;  ///< Those that the receiver does not want.
  uint64_t dropped_queue_full = 0;
  uint64_t dropped_too_old = 0;

  fate_totals& operator+=(const fate_totals& more);
  bool operator==(const fate_totals&) const = default;
};

using fate_counter = uint64_t fate_totals::*;

/// What became of samples, histograms and exemplars together, which of them were the latter, and how much went out.
struct send_totals : fate_totals {
  fate_totals histograms;
  fate_totals exemplars;
  uint64_t dropped_custom_buckets = 0;  ///< Histograms that a receiver of version 1 cannot be sent.
  uint64_t bytes = 0;                   ///< Bodies that were answered for good, compressed.
  int64_t timestamp_highest = 0;  ///< Newest sample that was answered for good; milliseconds since the Unix epoch.

  void count(fate_counter fate, const item_counts& items) {
    this->*fate += items.samples;
    histograms.*fate += items.histograms;
    exemplars.*fate += items.exemplars;
  }
  send_totals& operator+=(const send_totals& more);
  bool operator==(const send_totals&) const = default;
};

/// A request to be sent now.
struct attempt : wire_form {
  uint64_t tag = 0;  ///< Names this attempt; never used twice.
  std::shared_ptr<const std::string> body;
  uint64_t samples = 0;
  uint64_t repeats = 0;  ///< How often it was sent before.
};

/// How a request left the queue.
enum class ending : unsigned char { delivered, refused, dropped };

/// A request of a durable queue that is in the send queue no more.
struct finished_request {
  uint64_t sequence = 0;
  ending how = ending::delivered;

  bool operator==(const finished_request&) const = default;
};

/// The requests of one endpoint on their way out: which go when, again, or not at all. A series' samples are never sent
/// before older ones of it are finished. What is refused for the sake of some series is sent in parts, in its place,
/// until they are found, but for a receiver that wanted no part of the last such request and nothing since. Bounded; no
/// request is dropped while it is under way, nor is the newest. Knows no clock: `now` is of any one that does not go
/// backward, `oldest` is in milliseconds since the Unix epoch.
class send_queue {
 public:
  explicit send_queue(send_queue_options options);

  /// Takes a request, the newest; drops old ones when there is no room. Gives a name for it in this queue.
  uint64_t push(request added);
  /// Takes a request out again; nothing when it is under way or finished.
  std::optional<request> withdraw(uint64_t id);
  /// What is to be sent now; counts as under way from here on. Requests with nothing as new as `oldest` are dropped.
  std::vector<attempt> take_due(milliseconds now, int64_t oldest);

  /// The request of an attempt that is under way; null when it is not: the answer of an earlier life, or a second one.
  const request* under_way(uint64_t tag) const;
  // What became of an attempt. Says whether it was under way.
  /// What the receiver did not write, if it says what it did, counts as refused.
  bool delivered(uint64_t tag, const std::optional<item_counts>& written = std::nullopt);
  /// What it wrote all the same counts as delivered.
  bool refused(uint64_t tag, const item_counts& written = {}, blame about = blame::request);
  /// It is sent again after its backoff, or after what the receiver asked for.
  bool failed(uint64_t tag, milliseconds now, std::optional<milliseconds> hold_off);
  /// All that is under way failed: nobody will answer.
  void fail_all(milliseconds now);
  /// Of requests that have a sequence, what the receiver has not accepted yet where it accepted a part since the last
  /// call. What is refused in the end is that.
  std::vector<request> take_narrowed() { return std::exchange(narrowed_, {}); }
  /// What was finished since the last call, of requests that have a sequence.
  std::vector<finished_request> take_finished() { return std::exchange(finished_, {}); }
  /// When take_due() should be called, if no answer comes before; nothing when only an answer can change anything.
  std::optional<milliseconds> next_due() const;

  /// Whether a request with samples of these sources, pushed now, would have to wait for an older one.
  bool would_wait(std::span<const source_span> sources) const { return order_.would_wait(sources); }
  bool empty() const { return items_.empty(); }
  uint64_t samples() const { return counts_.samples; }
  const item_counts& counts() const { return counts_; }
  uint64_t bytes() const { return bytes_; }
  size_t in_flight() const { return in_flight_.size(); }
  /// How many requests may be under way at once.
  uint64_t window() const { return window_.size(); }
  const send_totals& totals() const { return totals_; }
  /// Puts other options in force; what is queued stays.
  void reconfigure(send_queue_options options);

 private:
  struct item {
    remote_write::request request;        // or the part of it whose turn it is
    std::unique_ptr<part_search> search;  // once it is sent in parts
    uint64_t accepted_before = 0;         // how many requests were, when the search began
    item_counts unsettled;                // of the whole
    uint64_t bytes = 0;                   // likewise
    uint64_t repeats = 0;
    milliseconds backoff;
    milliseconds sleeps_until = milliseconds::min();
    uint64_t turn = 0;  // 0 when not ready
    uint64_t tag = 0;   // 0 when not under way
  };
  using items = std::map<uint64_t, item>;  // by age

  items::iterator finish(items::iterator found, ending how);
  items::iterator forget(items::iterator found);
  items::iterator take_in_flight(uint64_t tag);
  void settle(item& of, fate_counter fate, item_counts items);
  void count_answer(item& answered, const item_counts& written);
  void count_body(const request& answered);
  void go_on(items::iterator found, ending how);
  void narrow(part_search& search, uint64_t sequence);
  void end_search(items::iterator found);
  void rewrite(item& queued, wire_form as);
  void repeat_later(items::iterator found, milliseconds now, std::optional<milliseconds> hold_off);
  void make_room();
  void wake(milliseconds now);
  void make_ready(uint64_t id);

  struct sent {
    uint64_t id;
    milliseconds answer_due;
  };

  send_queue_options options_;
  send_window window_;
  source_order order_;
  items items_;
  // Nothing stands in the way of these but the window. They take turns in the order in which they became ready, so that
  // a request which fails again and again does not keep the others from being tried.
  std::map<uint64_t, uint64_t> ready_;                  // by turn
  std::set<std::pair<milliseconds, uint64_t>> asleep_;  // until their backoff is over
  std::map<uint64_t, sent> in_flight_;                  // by tag
  uint64_t accepted_ = 0;
  bool may_want_parts_ = true;
  uint64_t last_id_ = 0;
  uint64_t last_turn_ = 0;
  uint64_t last_tag_ = 0;
  item_counts counts_;
  uint64_t bytes_ = 0;
  send_totals totals_;
  std::vector<finished_request> finished_;
  std::vector<request> narrowed_;
};

}  // namespace rollcall::remote_write
