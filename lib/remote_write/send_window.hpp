#pragma once

#include "lib/base/duration.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace rollcall::remote_write {

struct send_window_options {
  uint64_t requests_min = 1;  ///< As requests_max: how many requests may be under way at once.
  uint64_t requests_max = 50;
  milliseconds backoff_min{30};
  milliseconds backoff_max = std::chrono::seconds(5);
};

/// How hard a receiver may be pressed. Additive increase while answers are good and more is waiting, halving when they
/// are not; and a pause after a failure that doubles from backoff_min to backoff_max as long as nothing succeeds. Times
/// are of any one clock that does not go backward.
class send_window {
 public:
  explicit send_window(send_window_options options);

  /// How many requests may be under way.
  uint64_t size() const { return static_cast<uint64_t>(size_); }
  bool open(milliseconds now) const { return now >= opens_at_; }
  milliseconds opens_at() const { return opens_at_; }

  void succeeded(bool more_waiting);
  /// `hold_off` is what the receiver asked for. Failures of requests that were sent before the pause began change
  /// nothing but that.
  void failed(milliseconds now, std::optional<milliseconds> hold_off);
  /// Puts other options in force.
  void reconfigure(send_window_options options);

 private:
  send_window_options options_;
  double size_ = 1;
  milliseconds pause_;
  milliseconds opens_at_ = milliseconds::min();
};

}  // namespace rollcall::remote_write
