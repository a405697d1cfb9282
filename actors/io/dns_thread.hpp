#pragma once

#include "actors/io/wakeup.hpp"
#include "messages/lookup.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace rollcall {

class dns_lookup;

struct dns_options {
  std::string resolv_conf = "/etc/resolv.conf";  ///< Read again for every lookup.
  uint16_t port = 53;
  /// How long one server may take to answer for one name. Each is asked once.
  std::chrono::milliseconds attempt_timeout = std::chrono::seconds(2);
  size_t in_flight_max = 64;  ///< Lookups that go on at the same time; each has sockets of its own. Others wait.
  /// Called on the thread before each round of work. A test makes it throw to see what becomes of a thread that fails.
  std::function<void()> before_round;
};

/// A thread that looks names up with c-ares, and calls back. Knows no actors. Callbacks run on its thread; every order
/// is answered, those that the end of the thread cuts short with an error.
class dns_thread {
 public:
  using answer_callback = std::function<void(const look_up&, looked_up)>;
  using failure_callback = std::function<void(const std::string&)>;

  dns_thread(dns_options options, answer_callback on_answer, failure_callback on_failure);
  ~dns_thread();
  dns_thread(const dns_thread&) = delete;
  dns_thread& operator=(const dns_thread&) = delete;

  void submit(look_up order);

 private:
  void run();
  void loop();
  bool take_inbox();
  void begin_waiting();
  void wait();
  void finish_done();
  void refuse(const look_up& order, const std::string& error);
  void close(const std::string& error);

  dns_options options_;
  answer_callback on_answer_;
  failure_callback on_failure_;
  wakeup wakeup_;
  std::deque<look_up> waiting_;                     // thread only
  std::list<std::unique_ptr<dns_lookup>> running_;  // thread only
  std::mutex mutex_;                                // Guards what follows.
  std::deque<look_up> inbox_;
  bool stopping_ = false;
  std::string closed_;  // Why nothing is taken any more, or empty.
  std::thread thread_;
};

}  // namespace rollcall
