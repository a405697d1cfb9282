#pragma once

#include "lib/base/duration.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace rollcall::placement {

/// So many moves a minute, and no more than that at once. For one thread at a time.
class move_budget {
 public:
  explicit move_budget(uint32_t per_minute) : per_minute_(per_minute), left_(per_minute) {}

  /// From now on so many a minute.
  void allow(double per_minute) { per_minute_ = per_minute; }

  /// Gives what the time since the last call is worth.
  void refill(milliseconds now) {
    if (last_ && now > *last_) {
      double minutes = std::chrono::duration<double, std::ratio<60>>(now - *last_).count();
      left_ = std::min(per_minute_, left_ + minutes * per_minute_);
    }
    last_ = now;
  }

  bool is_empty() const { return left_ < 1; }

  /// What is taken beyond what is left has to be given before anything more can be taken.
  void take(size_t moves) { left_ -= static_cast<double>(moves); }

 private:
  double per_minute_;
  double left_;
  std::optional<milliseconds> last_;
};

}  // namespace rollcall::placement
