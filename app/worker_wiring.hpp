#pragma once

#include "actors/environment.hpp"
#include "app/cluster_node.hpp"

#include <functional>

namespace rollcall {

/// Starts what takes the place of a scrape manager on a worker. The supervisor is told the configuration that comes,
/// and to shut down once everything is given away.
std::function<scrape_manager_actor(caf::actor_system&, services_ptr)> worker_factory(const environment_ptr& environment,
                                                                                     const cluster_flags& flags,
                                                                                     const node_ties& ties);

}  // namespace rollcall
