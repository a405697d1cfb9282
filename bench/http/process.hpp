#pragma once

#include <chrono>
#include <csignal>
#include <cstddef>

namespace rollcall::bench {

/// Raises the limit of open files as far as it goes and returns it.
size_t raise_descriptor_limit();

/// Holds back SIGTERM and SIGINT for this thread and those started after it, to be waited for.
class stop_signals {
 public:
  stop_signals();

  /// True when one of them came within `time`.
  bool wait_for(std::chrono::milliseconds time);

 private:
  sigset_t set_;
};

}  // namespace rollcall::bench
