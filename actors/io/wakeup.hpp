#pragma once

#include "lib/base/file_descriptor.hpp"

#include <sys/eventfd.h>

#include <cstdint>

namespace rollcall {

/// Wakes a thread that waits for descriptors: becomes readable by wake(), and stays so until take().
class wakeup {
 public:
  wakeup() : event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

  /// Negative when the system gave none.
  int descriptor() const { return event_.get(); }
  /// From any thread. The only way to fail is a counter at its maximum, and then the thread is awake anyway.
  void wake() const {
    const uint64_t one = 1;
    [[maybe_unused]] auto written = ::write(event_.get(), &one, sizeof one);
  }
  void take() const {
    uint64_t count = 0;
    [[maybe_unused]] auto taken = ::read(event_.get(), &count, sizeof count);
  }

 private:
  file_descriptor event_;
};

}  // namespace rollcall
