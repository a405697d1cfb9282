#include "tests/simulation/simulated_time.hpp"

#include <algorithm>
#include <utility>

namespace rollcall::test {

void simulated_time::at(int64_t when, std::function<void()> what) {
  events_.push_back({when, ++last_event_, std::move(what)});
  std::push_heap(events_.begin(), events_.end());
}

void simulated_time::run_for(int64_t milliseconds) {
  auto end = now_ + milliseconds;
  while (!events_.empty() && events_.front().when <= end) {
    std::pop_heap(events_.begin(), events_.end());
    auto next = std::move(events_.back());
    events_.pop_back();
    now_ = std::max(now_, next.when);
    next.what();
    look();
  }
  now_ = end;
}

}  // namespace rollcall::test
