#include "actors/io/process_thread.hpp"

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace rollcall {

process_thread::process_thread() : thread_([this] { loop(); }) {
  pthread_setname_np(thread_.native_handle(), "programs");
}

process_thread::~process_thread() {
  {
    std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  wakeup_.wake();
  thread_.join();
}

void process_thread::run(process_order order, callback done) {
  {
    std::lock_guard guard(mutex_);
    ordered_.push_back({std::move(order), std::move(done)});
  }
  wakeup_.wake();
}

void process_thread::loop() {
  while (!is_stopping()) {
    const auto now = std::chrono::steady_clock::now();
    advance(now);
    start_ordered(now);
    wait(now);
  }
  abandon_all();
}

bool process_thread::is_stopping() {
  std::lock_guard guard(mutex_);
  return stopping_;
}

void process_thread::start_ordered(time_point now) {
  while (running_.size() < running_max) {
    job next;
    {
      std::lock_guard guard(mutex_);
      if (ordered_.empty()) return;
      next = std::move(ordered_.front());
      ordered_.pop_front();
    }
    auto process = child_process::start(std::move(next.order), now);
    if (process) {
      running_.push_back({std::move(*process), std::move(next.done)});
    } else {
      next.done(tl::unexpected(std::move(process.error())));
    }
  }
}

void process_thread::wait(time_point now) {
  std::vector<pollfd> waits{{wakeup_.descriptor(), POLLIN, 0}};
  auto until = time_point::max();
  for (const auto& [process, done] : running_) {
    process->add_waits(waits);
    until = std::min(until, process->deadline());
  }
  int timeout = -1;
  if (until != time_point::max()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
    timeout = static_cast<int>(std::clamp<int64_t>(left, 0, 1 << 30));
  }
  ::poll(waits.data(), waits.size(), timeout);
  wakeup_.take();
}

void process_thread::advance(time_point now) {
  std::erase_if(running_, [now](running_job& each) {
    auto outcome = each.process->advance(now);
    if (!outcome) return false;
    each.done(std::move(*outcome));
    return true;
  });
}

void process_thread::abandon_all() {
  const auto closed = [] { return process_output(fail(errc::closed, "it was not waited for")); };
  for (auto& each : std::exchange(running_, {})) each.done(closed());
  std::lock_guard guard(mutex_);
  for (auto& each : std::exchange(ordered_, {})) each.done(closed());
}

}  // namespace rollcall
