#pragma once

#include "lib/base/duration.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace rollcall::queue {

/// How fast a backlog may be taken up: so many bytes a second, saved up for no more than a second. Times are of any one
/// clock that does not go backward.
class drain_rate {
 public:
  /// 0 means as fast as can be.
  explicit drain_rate(uint64_t bytes_per_second) : bytes_per_second_(bytes_per_second) {}

  /// Takes something up if it may be. More than what was saved may be taken once; then the debt is waited for.
  bool take(uint64_t bytes, milliseconds now) {
    if (bytes_per_second_ == 0) return true;
    gather(now);
    if (saved_ <= 0) return false;
    saved_ -= static_cast<double>(bytes);
    return true;
  }

  /// When take() may be tried again; nothing when at once.
  std::optional<milliseconds> opens_at() const {
    if (bytes_per_second_ == 0 || saved_ > 0) return std::nullopt;
    auto wait = -saved_ * 1000 / static_cast<double>(bytes_per_second_);
    return last_ + milliseconds(static_cast<int64_t>(wait) + 1);
  }

 private:
  void gather(milliseconds now) {
    auto rate = static_cast<double>(bytes_per_second_);
    if (started_) saved_ = std::min(rate, saved_ + rate * static_cast<double>((now - last_).count()) / 1000);
    if (!started_) saved_ = rate;
    started_ = true;
    last_ = now;
  }

  uint64_t bytes_per_second_;
  double saved_ = 1;  // below zero when more was taken than there was
  bool started_ = false;
  milliseconds last_{0};
};

}  // namespace rollcall::queue
