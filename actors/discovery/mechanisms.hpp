#pragma once

#include "actors/discovery/mechanism.hpp"

#include <span>
#include <vector>

namespace rollcall {

/// Every discovery mechanism there is.
std::span<const discovery_mechanism> discovery_mechanisms();

/// How their configurations are read, for config::load.
std::vector<mechanism> mechanism_configurations();

/// Starts the discoverer of a configuration. The mechanism must be one of the above.
discoverer_actor spawn_discoverer(caf::actor_system& system, const sd_config& configuration,
                                  discoverer_context context);

}  // namespace rollcall
