#pragma once

#include "actors/discovery/docker_sd/docker_section.hpp"
#include "config/mechanism.hpp"

#include <string>

namespace rollcall {

/// One entry of docker_sd_configs.
struct docker_sd_options : sd_options {
  docker_section common;
  std::string host_networking_host = "localhost";  ///< The address of containers in the network of their host.
  bool match_first_network = true;                 ///< Whether a container's first network by name is all that counts.

  bool equals(const sd_options& other) const override;
  void write(yaml_writer& writer) const override;
};

/// How `docker_sd_configs` is read.
mechanism docker_sd_configuration();

}  // namespace rollcall
