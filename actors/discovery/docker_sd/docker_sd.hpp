#pragma once

#include "actors/discovery/docker_sd/docker_sd_options.hpp"
#include "actors/discovery/mechanism.hpp"
#include "actors/discovery/request_sequence.hpp"

namespace rollcall {

/// docker_sd_configs: the containers that one Docker daemon runs.
discovery_mechanism docker_sd();

/// What a refresh asks, and how it is understood: one group, of source "Docker". Errors: as docker::parse_answer.
request_plan plan_docker_refresh(const docker_sd_options& options);

}  // namespace rollcall
