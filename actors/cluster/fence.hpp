#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace rollcall {

/// Until when a process may tell workers what to do. Whoever leads moves it on; it closes by itself, so that a process
/// that was stopped finds it closed before anybody has told it anything. Thread-safe.
class fence {
 public:
  /// Open before this time of the steady clock, in milliseconds.
  void open_until(int64_t steady) { until_.store(steady); }
  void close() { until_.store(0); }
  bool is_open(int64_t steady) const { return steady < until_.load(); }

 private:
  std::atomic<int64_t> until_{0};
};

using fence_ptr = std::shared_ptr<const fence>;

}  // namespace rollcall
