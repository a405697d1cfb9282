#include "actors/io/zookeeper_thread.hpp"

#include <pthread.h>
#include <zookeeper/zookeeper.h>

#include <algorithm>
#include <utility>

namespace rollcall {

zookeeper_thread::zookeeper_thread(zookeeper_options options, failure_callback on_failure)
    : options_(std::move(options)), on_failure_(std::move(on_failure)) {
  // The library would write to stderr in a format of its own; what matters comes back as an error.
  zoo_set_debug_level(static_cast<ZooLogLevel>(0));
  thread_ = std::thread([this] { run(); });
}

zookeeper_thread::~zookeeper_thread() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void zookeeper_thread::watch(uint64_t id, zookeeper_watch watch) {
  post([this, id, watch = std::move(watch)]() mutable { begin(id, watch); });
}

void zookeeper_thread::unwatch(uint64_t id) {
  post([this, id] { sessions_.erase(id); });
}

void zookeeper_thread::post(task task) {
  {
    std::lock_guard lock(mutex_);
    inbox_.push_back(std::move(task));
  }
  changed_.notify_one();
}

void zookeeper_thread::run() {
  pthread_setname_np(pthread_self(), "zookeeper");
  try {
    loop();
    sessions_.clear();
  } catch (const std::exception& exception) {
    sessions_.clear();
    on_failure_(exception.what());
  }
}

void zookeeper_thread::loop() {
  std::deque<task> tasks;
  while (wait_for_tasks(tasks)) {
    for (auto& each : std::exchange(tasks, {})) each();
    publish();
  }
}

/// False when the thread is to end.
bool zookeeper_thread::wait_for_tasks(std::deque<task>& out) {
  auto due = zookeeper_session::time_point::max();
  for (const auto& [id, session] : sessions_) due = std::min(due, session->due());
  std::unique_lock lock(mutex_);
  auto has_work = [&] { return stopping_ || !inbox_.empty(); };
  if (due == zookeeper_session::time_point::max())
    changed_.wait(lock, has_work);
  else
    changed_.wait_until(lock, due, has_work);
  out = std::exchange(inbox_, {});
  return !stopping_;
}

void zookeeper_thread::begin(uint64_t id, zookeeper_watch& watch) {
  sessions_.erase(id);
  auto deliver = [this](zookeeper_event event) {
    post([this, event = std::move(event)]() mutable { take(std::move(event)); });
  };
  sessions_.emplace(id, std::make_unique<zookeeper_session>(id, std::move(watch), options_, std::move(deliver)));
}

void zookeeper_thread::take(zookeeper_event event) {
  auto session = sessions_.find(event.watch_id);
  if (session != sessions_.end()) session->second->take(std::move(event), std::chrono::steady_clock::now());
}

void zookeeper_thread::publish() {
  auto now = std::chrono::steady_clock::now();
  for (const auto& [id, session] : sessions_) {
    if (session->due() <= now) session->on_due(now);
    session->publish(now);
  }
}

}  // namespace rollcall
