#pragma once

#include "actors/environment.hpp"
#include "actors/scrape/scrape_manager.hpp"
#include "app/cluster_node.hpp"
#include "lib/base/result.hpp"

#include <functional>

namespace rollcall {

/// What a process does at first: one of several coordinators waits until it leads.
duty first_duty(const cluster_flags& flags);

/// Starts a coordinator, and each time it is called again one in its place, reachable for workers at the same address.
/// One that cannot be reached ends.
using coordinator_factory = std::function<cluster_coordinator_actor(caf::actor_system&)>;

/// Whom workers find, and where.
struct started_coordinator {
  coordinator_factory make;  ///< Gives the one that was started first.
  uint16_t port = 0;
};

/// Starts the first coordinator. One of several has the supervisor told whether it leads. Errors: errc::io.
result<started_coordinator> start_coordinator(caf::actor_system& system, const environment_ptr& environment,
                                              const cluster_flags& flags, const node_ties& ties);

/// Has the loops of these pools run on workers.
void place_loops(scrape_manager_options& options, const cluster_coordinator_actor& coordinator,
                 const cluster_flags& flags);

}  // namespace rollcall
