#pragma once

#include "actors/discovery/docker_sd/docker_host.hpp"
#include "config/yaml_reader.hpp"
#include "config/yaml_writer.hpp"
#include "lib/http/client_config.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rollcall {

/// What docker_sd_configs and dockerswarm_sd_configs have in common.
struct docker_section {
  std::string host;  ///< As written.
  docker_host address;
  std::vector<docker_filter> filters;
  uint16_t port = 80;                                       ///< Of targets that have none of their own.
  milliseconds refresh_interval = std::chrono::minutes(1);  ///< Positive; also the time a refresh may take.
  http::client_config client;

  bool operator==(const docker_section&) const = default;
};

void read_docker_section(yaml_reader& reader, docker_section& out);
void write_docker_section(yaml_writer& writer, const docker_section& section);

}  // namespace rollcall
