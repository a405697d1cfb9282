#pragma once

#include "actors/act.hpp"
#include "messages/nodes.hpp"

namespace rollcall {

struct worker_configurator_options {
  cluster_coordinator_actor coordinator;
  std::chrono::milliseconds lease = std::chrono::seconds(4);
  std::chrono::milliseconds skew_max = std::chrono::seconds(1);  ///< How far any two nodes' clocks may be apart.
};

struct worker_configurator_state : act::state_base {
  static inline const char* name = "worker-configurator";

  worker_configurator_options options;
  act::watcher watchers;
};

/// Stands in for a write manager where the workers deliver: passes on where to, and has nothing itself.
write_manager_actor spawn_worker_configurator(caf::actor_system& system, worker_configurator_options options);

}  // namespace rollcall
