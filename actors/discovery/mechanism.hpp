#pragma once

#include "actors/act.hpp"
#include "actors/environment.hpp"
#include "config/mechanism.hpp"
#include "messages/discovery.hpp"

#include <string>

namespace rollcall {

/// What a discoverer gets from its provider.
struct discoverer_context {
  target_sink_actor sink;
  services_ptr services;
  environment_ptr environment;
  std::string job;  ///< The first job that asked for it; names it in logs and metrics.
};

/// A discovery mechanism: how its configuration is read, and how its discoverer is started.
struct discovery_mechanism {
  mechanism configuration;
  discoverer_actor (*spawn)(caf::actor_system& system, const sd_options_ptr& options, discoverer_context context);
};

}  // namespace rollcall
