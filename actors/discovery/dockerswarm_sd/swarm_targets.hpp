#pragma once

#include "actors/discovery/docker_sd/docker_answer.hpp"
#include "lib/targets/target_group.hpp"

#include <cstdint>

namespace rollcall {

/// The answers of a swarm's API; lists, those that a role needs none of are empty.
struct swarm_state {
  docker::json services = docker::json::array();
  docker::json tasks = docker::json::array();
  docker::json nodes = docker::json::array();
  docker::json networks = docker::json::array();
};

// The targets of each role; `port` goes with those that publish none. All throw docker::json::exception for JSON of
// other types than Docker's, and std::invalid_argument for an address that is none.
std::vector<labels> service_targets(const swarm_state& state, uint16_t port);
std::vector<labels> task_targets(const swarm_state& state, uint16_t port);
std::vector<labels> node_targets(const swarm_state& state, uint16_t port);

}  // namespace rollcall
