#pragma once

#include "actors/io/child_process.hpp"
#include "actors/io/wakeup.hpp"

#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace rollcall {

/// A thread that runs programs, several at a time. Knows no actors.
class process_thread {
 public:
  using callback = std::function<void(process_output)>;

  /// How many run at a time; what is ordered beyond that waits, and its time does not begin.
  static constexpr size_t running_max = 8;

  process_thread();
  /// Kills what runs. Every order is answered before the end.
  ~process_thread();
  process_thread(const process_thread&) = delete;
  process_thread& operator=(const process_thread&) = delete;

  /// From any thread. The outcome is told once, on this thread.
  void run(process_order order, callback done);

 private:
  using time_point = child_process::time_point;

  struct job {
    process_order order;
    callback done;
  };
  struct running_job {
    std::unique_ptr<child_process> process;
    callback done;
  };

  void loop();
  bool is_stopping();
  void start_ordered(time_point now);
  void wait(time_point now);
  void advance(time_point now);
  void abandon_all();

  const wakeup wakeup_;
  std::vector<running_job> running_;  // of the thread alone
  std::mutex mutex_;                  // Guards what follows.
  std::deque<job> ordered_;           // as many as there are who wait
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace rollcall
