#pragma once

#include "actors/act.hpp"
#include "actors/cluster/fence.hpp"
#include "actors/cluster_handles.hpp"
#include "actors/environment.hpp"
#include "lib/cluster/coordinator_side.hpp"
#include "messages/nodes.hpp"

#include <memory>
#include <string>
#include <unordered_map>

namespace rollcall {

/// It is time to look after leases and moves.
struct round_due {
  bool operator==(const round_due&) const = default;
};

struct cluster_coordinator_options {
  environment_ptr environment;
  cluster::coordinator_options protocol;
  std::chrono::milliseconds round = std::chrono::milliseconds(200);
  placement::cost_model costs;
  size_t node_name_bytes_max = 253;
  /// How long workers have to say how their loops fare.
  std::chrono::milliseconds report_deadline = std::chrono::seconds(5);
  cluster_handles_ptr handles = std::make_shared<cluster_handles>();
  fence_ptr may_assign;  ///< Null for one that need not ask anybody.
};

struct cluster_coordinator_state : act::state_base {
  static inline const char* name = "cluster-coordinator";

  /// Who wants a loop.
  struct seat_entry {
    loop_seat_actor seat;
    std::string name;
    std::chrono::milliseconds interval{0};
  };

  cluster_coordinator_options options;
  std::unique_ptr<cluster::coordinator_side> side;
  std::unordered_map<uint64_t, seat_entry> seats;            // by key
  std::unordered_map<uint64_t, uint64_t> keys;               // by actor id of the seat
  std::unordered_map<uint64_t, uint64_t> waiting_heirs;      // key of the gone target by actor id of a seat to come
  std::unordered_map<std::string, worker_port_actor> ports;  // by node
  std::unordered_map<uint64_t, std::string> sessions;        // node by session
  act::watcher watchers;
};

cluster_coordinator_actor spawn_cluster_coordinator(caf::actor_system& system, cluster_coordinator_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::round_due)
