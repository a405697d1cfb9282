#include "bench/http/process.hpp"

#include <pthread.h>
#include <sys/resource.h>

namespace rollcall::bench {

size_t raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  rlimit raised{limit.rlim_max, limit.rlim_max};
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  return limit.rlim_cur;
}

stop_signals::stop_signals() {
  sigemptyset(&set_);
  sigaddset(&set_, SIGTERM);
  sigaddset(&set_, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
}

bool stop_signals::wait_for(std::chrono::milliseconds time) {
  timespec duration{time.count() / 1000, time.count() % 1000 * 1'000'000};
  return sigtimedwait(&set_, nullptr, &duration) > 0;
}

}  // namespace rollcall::bench
