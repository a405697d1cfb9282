#pragma once

#include "actors/act.hpp"
#include "actors/environment.hpp"
#include "lib/base/timer_wheel.hpp"
#include "messages/io.hpp"

#include <unordered_map>

namespace rollcall {

/// The wheel's own timer fired.
struct wheel_due {
  uint64_t generation = 0;

  bool operator==(const wheel_due&) const = default;
};

struct ticker_options {
  environment_ptr environment;
  /// A step of the wall clock against the actor clock by more than this makes every sink's next tick be found anew.
  int64_t clock_step_max = 1000;
};

struct ticker_state : act::state_base {
  static inline const char* name = "ticker";

  ticker_options options;
  timer_wheel wheel;
  std::unordered_map<uint64_t, schedule> entries;  // by actor id
  int64_t armed_for = 0;                           // wall time of the pending wheel_due, 0 for none
  uint64_t generation = 0;
  int64_t clock_offset = 0;  // wall clock minus actor clock, in milliseconds
  act::watcher watchers;
};

ticker_actor spawn_ticker(caf::actor_system& system, ticker_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::wheel_due)
