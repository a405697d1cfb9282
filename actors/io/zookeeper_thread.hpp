#pragma once

#include "actors/io/zookeeper_session.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace rollcall {

/// A thread that follows trees of ZooKeeper, and calls back. Knows no actors. Callbacks run on its thread, and none
/// comes after the object is gone.
class zookeeper_thread {
 public:
  using failure_callback = std::function<void(const std::string&)>;

  /// The failure callback is for a fault of the thread itself, which ends it.
  zookeeper_thread(zookeeper_options options, failure_callback on_failure);
  ~zookeeper_thread();
  zookeeper_thread(const zookeeper_thread&) = delete;
  zookeeper_thread& operator=(const zookeeper_thread&) = delete;

  /// Begins or replaces the watch of this id.
  void watch(uint64_t id, zookeeper_watch watch);
  void unwatch(uint64_t id);

 private:
  using task = std::function<void()>;

  void post(task task);
  void run();
  void loop();
  void begin(uint64_t id, zookeeper_watch& watch);
  void take(zookeeper_event event);
  void publish();
  bool wait_for_tasks(std::deque<task>& out);

  zookeeper_options options_;
  failure_callback on_failure_;
  std::map<uint64_t, std::unique_ptr<zookeeper_session>> sessions_;  // thread only
  std::mutex mutex_;                                                 // Guards what follows.
  std::condition_variable changed_;
  std::deque<task> inbox_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace rollcall
