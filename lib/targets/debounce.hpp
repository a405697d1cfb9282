#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace rollcall {

struct debounce_options {
  std::chrono::milliseconds first_delay{10};
  std::chrono::milliseconds delay_max{250};
  double growth = 1.5;
  std::chrono::milliseconds quiet_reset{2000};  ///< This long without sending, and the delay is the first one again.
};

/// Decides when to pass changes on: the first after a quiet time almost at once, those of a storm together, in steps
/// that grow up to delay_max. It holds no timer: on_change() says when to send, and on_sent() is told that it was done.
class debounce {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit debounce(debounce_options options = {}) : options_(options), delay_(options.first_delay) {}

  /// Takes note of a change. Gives the time to send at, or nothing if an earlier change is waiting to be sent.
  std::optional<time_point> on_change(time_point now) {
    if (pending_) return std::nullopt;
    pending_ = true;
    if (last_sent_ && now - *last_sent_ >= options_.quiet_reset) delay_ = options_.first_delay;
    return now + std::chrono::duration_cast<time_point::duration>(delay_);
  }

  /// Takes note that all changes so far were sent.
  void on_sent(time_point now) {
    pending_ = false;
    last_sent_ = now;
    delay_ = std::min<delay>(delay_ * options_.growth, options_.delay_max);
  }

  bool pending() const { return pending_; }

 private:
  using delay = std::chrono::duration<double, std::milli>;

  debounce_options options_;
  delay delay_;
  bool pending_ = false;
  std::optional<time_point> last_sent_;
};

}  // namespace rollcall
