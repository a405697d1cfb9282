#pragma once

#include "actors/discovery/docker_sd/docker_section.hpp"
#include "config/mechanism.hpp"

namespace rollcall {

/// What of a swarm becomes targets.
enum class swarm_role : unsigned char { services, tasks, nodes };

/// One entry of dockerswarm_sd_configs.
struct dockerswarm_sd_options : sd_options {
  docker_section common;
  swarm_role role = swarm_role::services;

  bool equals(const sd_options& other) const override;
  void write(yaml_writer& writer) const override;
};

/// How `dockerswarm_sd_configs` is read.
mechanism dockerswarm_sd_configuration();

}  // namespace rollcall
