#include "actors/io/dns_thread.hpp"

#include "actors/io/dns_lookup.hpp"

#include <ares.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace rollcall {

dns_thread::dns_thread(dns_options options, answer_callback on_answer, failure_callback on_failure)
    : options_(std::move(options)), on_answer_(std::move(on_answer)), on_failure_(std::move(on_failure)) {
  ares_library_init(ARES_LIB_INIT_ALL);
  thread_ = std::thread([this] { run(); });
}

dns_thread::~dns_thread() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wakeup_.wake();
  thread_.join();
  ares_library_cleanup();
}

void dns_thread::submit(look_up order) {
  std::unique_lock lock(mutex_);
  if (auto closed = closed_; !closed.empty()) {
    lock.unlock();
    return refuse(order, closed);
  }
  inbox_.push_back(std::move(order));
  lock.unlock();
  wakeup_.wake();
}

void dns_thread::run() {
  pthread_setname_np(pthread_self(), "dns-resolver");
  try {
    loop();
    close("the DNS resolver was stopped");
  } catch (const std::exception& exception) {
    close(std::string("the DNS resolver failed: ") + exception.what());
    on_failure_(exception.what());
  }
}

void dns_thread::loop() {
  while (take_inbox()) {
    if (options_.before_round) options_.before_round();
    begin_waiting();
    finish_done();
    wait();
    finish_done();
  }
}

/// False when the thread is to end.
bool dns_thread::take_inbox() {
  std::lock_guard lock(mutex_);
  std::move(inbox_.begin(), inbox_.end(), std::back_inserter(waiting_));
  inbox_.clear();
  return !stopping_;
}

void dns_thread::begin_waiting() {
  while (!waiting_.empty() && running_.size() < options_.in_flight_max) {
    running_.push_back(std::make_unique<dns_lookup>(waiting_.front(), options_));
    waiting_.pop_front();
  }
}

void dns_thread::wait() {
  std::vector<pollfd> sockets = {{wakeup_.descriptor(), POLLIN, 0}};
  auto patience = options_.attempt_timeout;
  for (const auto& each : running_) {
    each->prepare(sockets);
    patience = each->patience(patience);
  }
  bool is_idle = running_.empty() && waiting_.empty();
  bool is_behind = !waiting_.empty() && running_.size() < options_.in_flight_max;
  ::poll(sockets.data(), sockets.size(), is_idle ? -1 : is_behind ? 0 : static_cast<int>(patience.count()));
  wakeup_.take();
  for (const auto& each : running_) each->proceed(sockets);
}

void dns_thread::finish_done() {
  for (auto each = running_.begin(); each != running_.end();) {
    if (!(*each)->outcome()) {
      ++each;
      continue;
    }
    on_answer_((*each)->order(), *(*each)->outcome());
    each = running_.erase(each);
  }
}

void dns_thread::refuse(const look_up& order, const std::string& error) { on_answer_(order, {order.tag, error, {}}); }

void dns_thread::close(const std::string& error) {
  std::deque<look_up> left;
  for (const auto& each : running_) left.push_back(each->order());
  running_.clear();
  std::move(waiting_.begin(), waiting_.end(), std::back_inserter(left));
  waiting_.clear();
  {
    std::lock_guard lock(mutex_);
    closed_ = error;
    std::move(inbox_.begin(), inbox_.end(), std::back_inserter(left));
    inbox_.clear();
  }
  for (const auto& order : left) refuse(order, error);
}

}  // namespace rollcall
