#pragma once

#include "actors/discovery/dockerswarm_sd/dockerswarm_sd_options.hpp"
#include "actors/discovery/mechanism.hpp"
#include "actors/discovery/request_sequence.hpp"

namespace rollcall {

/// dockerswarm_sd_configs: the services, tasks or nodes of a Docker swarm.
discovery_mechanism dockerswarm_sd();

/// What a refresh asks, and how it is understood: one group, of source "DockerSwarm". Errors: as docker::parse_answer,
/// and errc::syntax for an address that is none.
request_plan plan_swarm_refresh(const dockerswarm_sd_options& options);

}  // namespace rollcall
