#pragma once

#include "lib/queue/block_store.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace rollcall {

struct store_thread_options {
  queue::block_store_ptr store;  ///< Never null; used by the thread alone as long as it lives.
  std::chrono::milliseconds sync_interval = std::chrono::seconds(1);  ///< A power cut costs no more than this.
};

/// A thread that works on a block store, job by job, and has it synced at an interval. Knows no actors. Jobs that were
/// submitted before the end are done before it. A job that throws ends the thread; those behind it are not done.
class store_thread {
 public:
  using job = std::function<void(queue::block_store&)>;
  using failure_callback = std::function<void(const std::string&)>;

  store_thread(store_thread_options options, failure_callback on_failure);
  ~store_thread();
  store_thread(const store_thread&) = delete;
  store_thread& operator=(const store_thread&) = delete;

  /// From any thread.
  void submit(job added);

 private:
  using time_point = std::chrono::steady_clock::time_point;

  void run();
  void loop();
  bool take_jobs(std::deque<job>& jobs, time_point sync_due);
  void sync();

  const store_thread_options options_;
  const failure_callback on_failure_;
  bool sync_failed_ = false;  // of the thread alone
  std::mutex mutex_;          // Guards what follows.
  std::condition_variable changed_;
  std::deque<job> jobs_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace rollcall
