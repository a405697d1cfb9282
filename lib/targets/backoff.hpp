#pragma once

#include "lib/base/assert.hpp"

#include <algorithm>
#include <chrono>

namespace rollcall {

struct backoff_options {
  std::chrono::milliseconds initial{1000};
  std::chrono::milliseconds max{60'000};
  double factor = 2;
  double jitter = 0.5;  ///< The share of a delay that chance may take off it: 0 to 1.
};

/// Delays between attempts that grow by a factor up to a maximum, each shortened by chance so that many who failed
/// together do not come back together.
class backoff {
 public:
  explicit backoff(backoff_options options = {}) : options_(options), delay_(std::min(options.initial, options.max)) {
    ROLLCALL_ASSERT(options.factor >= 1 && options.jitter >= 0 && options.jitter <= 1);
  }

  /// The next delay: never above `max`, never below (1 - jitter) of what is due. The argument is uniform in [0, 1).
  std::chrono::milliseconds next(double random_unit) {
    auto due = delay_;
    delay_ = std::min<delay>(delay_ * options_.factor, options_.max);
    return std::chrono::duration_cast<std::chrono::milliseconds>(due * (1 - options_.jitter * random_unit));
  }

  /// Starts over: to be called after a success.
  void reset() { delay_ = std::min(options_.initial, options_.max); }

 private:
  using delay = std::chrono::duration<double, std::milli>;

  backoff_options options_;
  delay delay_;
};

}  // namespace rollcall
