#pragma once

#include "actors/act.hpp"
#include "actors/cluster/loop_codec.hpp"
#include "actors/environment.hpp"
#include "messages/nodes.hpp"

namespace rollcall {

/// A target that is gone can find no heir any more.
struct farewell_due {
  bool operator==(const farewell_due&) const = default;
};

struct placed_loop_options {
  cluster_coordinator_actor coordinator;
  environment_ptr environment;
  loop_assignment assignment;
  cluster::placement_rules rules;
  int farewell_intervals = 3;  ///< How long a target that is gone can find an heir.
};

/// A loop as its pool sees it, while a worker runs it.
struct placed_loop_state : act::state_base {
  static inline const char* name = "placed-loop";

  placed_loop_options options;
  uint64_t key = 0;
  loop_status status;
  bool stopping = false;
  act::watcher watchers;
};

/// Conforms to: loop seat. Tells the coordinator of every order.
scrape_loop_actor spawn_placed_loop(caf::actor_system& system, placed_loop_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::farewell_due)
