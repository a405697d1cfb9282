#pragma once

#include "actors/act.hpp"
#include "messages/leadership.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace rollcall {

struct leader_line_options {
  /// Connects to the coordinator at that address, HOST:PORT, or to any of the others when it is empty. Null when there
  /// is none.
  std::function<node_link_actor(caf::actor_system&, coordinator_sink_actor, const std::string& address)> spawn_link;
  std::chrono::milliseconds answer_timeout = std::chrono::seconds(30);
};

struct leader_line_state : act::state_base {
  static inline const char* name = "leader-line";

  leader_line_options options;
  std::optional<std::string> address;
  act::owned<node_link_actor> link;
  coordinator_port_actor leader;  // null while there is no connection
  act::watcher watchers;
};

leader_line_actor spawn_leader_line(caf::actor_system& system, leader_line_options options);

}  // namespace rollcall
