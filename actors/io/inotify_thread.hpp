#pragma once

#include "actors/io/wakeup.hpp"
#include "messages/io.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace rollcall {

struct inotify_options {
  uint64_t file_bytes_max = 256u << 20;       ///< A larger file counts as unreadable.
  uint64_t files_max = 10'000;                ///< Per watch; more are left out, with an error on the last.
  std::chrono::milliseconds settle_time{10};  ///< How long to let changes gather before files are read.
  /// Called on the thread before each round of work. A test makes it throw to see what becomes of a thread that fails.
  std::function<void()> before_round;
};

/// A thread that watches directories by inotify, reads files, and calls back with what it read. Knows no actors.
/// Callbacks run on its thread. Where inotify is not to be had, the refresh interval alone finds changes.
class inotify_thread {
 public:
  using callback = std::function<void(files_read)>;
  using failure_callback = std::function<void(const std::string&)>;

  inotify_thread(inotify_options options, failure_callback on_failure);
  ~inotify_thread();
  inotify_thread(const inotify_thread&) = delete;
  inotify_thread& operator=(const inotify_thread&) = delete;

  /// Begins or replaces the watch of this id; the callback comes once soon, then after every change.
  void watch(uint64_t id, std::vector<std::string> patterns, std::chrono::milliseconds refresh, callback notify);
  void unwatch(uint64_t id);

 private:
  using time_point = std::chrono::steady_clock::time_point;

  struct watch_state {
    std::vector<std::string> patterns;
    std::chrono::milliseconds refresh{0};
    callback notify;
    std::vector<file_content_ptr> last;
    bool notified_once = false;
    time_point due;
  };

  void run();
  void loop();
  void take_events();
  void watch_directories();
  void read_due(time_point now);
  int next_timeout(time_point now);
  std::vector<file_content_ptr> read_all(const watch_state& state) const;
  file_content_ptr read_one(const std::string& path, const std::vector<file_content_ptr>& last) const;

  inotify_options options_;
  failure_callback on_failure_;
  int inotify_ = -1;
  wakeup wakeup_;
  std::map<int, std::string> directories_;  // by watch descriptor; thread only
  std::mutex mutex_;
  std::map<uint64_t, watch_state> watches_;  // guarded by mutex_
  bool stopping_ = false;                    // guarded by mutex_
  std::thread thread_;
};

/// The files that match a pattern whose last component may hold `*`; in order of path.
std::vector<std::string> match_files(const std::string& pattern);

}  // namespace rollcall
