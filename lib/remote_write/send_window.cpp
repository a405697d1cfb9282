#include "lib/remote_write/send_window.hpp"

#include "lib/base/assert.hpp"

#include <algorithm>

namespace rollcall::remote_write {

send_window::send_window(send_window_options options) { reconfigure(options); }

void send_window::reconfigure(send_window_options options) {
  ROLLCALL_ASSERT(options.requests_min > 0 && options.requests_min <= options.requests_max);
  ROLLCALL_ASSERT(options.backoff_min.count() > 0 && options.backoff_min <= options.backoff_max);
  options_ = options;
  size_ = std::clamp(size_, static_cast<double>(options.requests_min), static_cast<double>(options.requests_max));
  pause_ = options.backoff_min;
}

void send_window::succeeded(bool more_waiting) {
  pause_ = options_.backoff_min;
  opens_at_ = milliseconds::min();
  // One more per round of answers.
  if (more_waiting) size_ = std::min(size_ + 1 / size_, static_cast<double>(options_.requests_max));
}

void send_window::failed(milliseconds now, std::optional<milliseconds> hold_off) {
  if (open(now)) {
    size_ = std::max(size_ / 2, static_cast<double>(options_.requests_min));
    opens_at_ = now + pause_;
    pause_ = std::min(2 * pause_, options_.backoff_max);
  }
  if (hold_off) opens_at_ = std::max(opens_at_, now + *hold_off);
}

}  // namespace rollcall::remote_write
