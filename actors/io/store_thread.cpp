#include "actors/io/store_thread.hpp"

#include "lib/log/log.hpp"

#include <pthread.h>

#include <utility>

namespace rollcall {

store_thread::store_thread(store_thread_options options, failure_callback on_failure)
    : options_(std::move(options)), on_failure_(std::move(on_failure)), thread_([this] { run(); }) {
  pthread_setname_np(thread_.native_handle(), "queue-store");
}

store_thread::~store_thread() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void store_thread::submit(job added) {
  std::lock_guard lock(mutex_);
  jobs_.push_back(std::move(added));
  changed_.notify_all();
}

void store_thread::run() {
  try {
    loop();
  } catch (const std::exception& exception) {
    on_failure_(exception.what());
  }
}

// Waits for jobs or for the time to sync. Says whether the thread goes on after them.
bool store_thread::take_jobs(std::deque<job>& jobs, time_point sync_due) {
  std::unique_lock lock(mutex_);
  auto has_something = [this] { return stopping_ || !jobs_.empty(); };
  if (sync_due == time_point::max()) {
    changed_.wait(lock, has_something);
  } else {
    changed_.wait_until(lock, sync_due, has_something);
  }
  jobs = std::exchange(jobs_, {});
  return !stopping_;
}

void store_thread::loop() {
  auto sync_due = time_point::max();
  for (bool goes_on = true; goes_on;) {
    std::deque<job> jobs;
    goes_on = take_jobs(jobs, sync_due);
    for (auto& job : jobs) job(*options_.store);
    auto now = std::chrono::steady_clock::now();
    if (!jobs.empty() && sync_due == time_point::max()) sync_due = now + options_.sync_interval;
    if (now < sync_due) continue;
    sync();
    sync_due = sync_failed_ ? now + options_.sync_interval : time_point::max();
  }
  sync();
}

void store_thread::sync() {
  auto done = options_.store->sync();
  // Whoever writes hears of a disk that refuses; this is for one that took it and then did not keep it.
  if (!done && !sync_failed_)
    log::error("queue-store", "What is queued cannot be synced to disk", {{"err", done.error().message}});
  sync_failed_ = !done;
}

}  // namespace rollcall
