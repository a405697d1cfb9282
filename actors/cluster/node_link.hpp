#pragma once

#include "actors/act_net.hpp"
#include "actors/environment.hpp"
#include "lib/targets/backoff.hpp"
#include "messages/nodes.hpp"

#include <string>
#include <thread>
#include <vector>

namespace rollcall {

/// Try to connect.
struct connect_due {
  uint64_t generation = 0;

  bool operator==(const connect_due&) const = default;
};

/// Whether somebody listens at an address, found out by a thread of its own.
struct probed {
  uint64_t generation = 0;
  std::string error;  ///< Empty when somebody does.

  bool operator==(const probed&) const = default;
};

struct node_address {
  std::string host;
  uint16_t port = 0;
};

/// Reads "host:port" or "[address]:port". Errors: errc::syntax.
result<node_address> parse_node_address(const std::string& text);

struct node_link_options {
  environment_ptr environment;
  coordinator_sink_actor sink;
  std::vector<node_address> coordinators;  ///< Not empty.
  act::security kind = act::security::mutual_tls;
  std::chrono::milliseconds probe_timeout = std::chrono::seconds(2);
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(10);
  backoff_options retry{.initial = std::chrono::milliseconds(300), .max = std::chrono::seconds(2)};
};

struct node_link_state : act::state_base {
  static inline const char* name = "node-link";

  node_link_options options;
  size_t next = 0;  // of the coordinators
  uint64_t generation = 0;
  backoff retry;
  coordinator_port_actor connected;
  std::jthread prober;  // at work for no longer than probe_timeout an address
  act::watcher watchers;
};

node_link_actor spawn_node_link(caf::actor_system& system, node_link_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::connect_due)
ACT_PRIVATE_MESSAGE(rollcall::probed)
