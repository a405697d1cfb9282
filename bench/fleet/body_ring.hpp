#pragma once

#include "bench/fleet/exposition.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

namespace rollcall::bench {

/// One state of a target, ready to be sent either way.
struct target_body {
  std::shared_ptr<const std::string> plain;
  std::shared_ptr<const std::string> gzip;
};

/// A sliding window over the states of an exposition, shared by all targets: each state is rendered and compressed
/// once, and targets walk through the window at their own pace. Safe for many threads.
class body_ring {
 public:
  /// Keeps as many states as fit in `bytes_max`, at least 4 and at most 64.
  body_ring(exposition_options options, size_t bytes_max);

  size_t capacity() const { return capacity_; }

  /// State number `tick`, rendered when it is new. Of a state that has left the window, the oldest that has not.
  target_body at(uint64_t tick);

  /// Renders until `count` states lie ahead of the highest one asked for.
  void prepare(uint64_t count);

 private:
  void extend_to(uint64_t tick);
  target_body next_body();

  // Held while a state is made; taken before window_mutex_.
  std::mutex render_mutex_;
  exposition exposition_;
  size_t capacity_ = 0;

  std::mutex window_mutex_;
  std::deque<target_body> window_;
  uint64_t oldest_ = 0;
  uint64_t highest_asked_ = 0;
};

/// The text as one gzip member, at the level that Go's servers use.
std::string gzip_compressed(const std::string& text);

}  // namespace rollcall::bench
