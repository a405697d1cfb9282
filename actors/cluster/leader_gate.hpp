#pragma once

#include "actors/act.hpp"
#include "actors/cluster/claim.hpp"
#include "actors/cluster/fence.hpp"
#include "actors/environment.hpp"
#include "messages/control.hpp"
#include "messages/leadership.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rollcall {

/// It is time to see who leads.
struct leadership_due {
  bool operator==(const leadership_due&) const = default;
};

struct leader_gate_options {
  environment_ptr environment;
  cluster::leadership_options leadership;
  std::function<arbiter_client_actor(caf::actor_system&)> spawn_arbiter;  ///< Not called where workers decide.
  std::vector<std::string> voters;                                        ///< Workers that decide; empty for none.
  /// What assigns, in that epoch and while the fence is open.
  std::function<cluster_coordinator_actor(caf::actor_system&, uint64_t, fence_ptr)> spawn_coordinator;
  /// What has questions answered by the leader while this process does not lead; may be left out.
  std::function<leader_line_actor(caf::actor_system&)> spawn_line;
  /// Has the rest of the process begin or end its work.
  std::function<void(duty)> call;
  std::chrono::milliseconds hello_timeout = std::chrono::seconds(2);
};

struct leader_gate_state : act::state_base {
  static inline const char* name = "leader-gate";

  leader_gate_options options;
  std::unique_ptr<rollcall::claim> claim;
  std::shared_ptr<fence> may_assign = std::make_shared<fence>();
  act::owned<arbiter_client_actor> arbiter;
  act::owned<cluster_coordinator_actor> coordinator;
  act::owned<leader_line_actor> line;              // none without spawn_line
  std::optional<uint64_t> epoch;                   // in which the coordinator works
  std::map<std::string, worker_port_actor> ports;  // of its members, by node
  std::optional<configure_workers> configuration;  // the latest, for coordinators to come
  bool is_ending = false;
  act::watcher watchers;
};

/// LEADER GATE: stands before the coordinator of a process that may be one of several. While the process leads, it has
/// a coordinator and passes everything on to it; otherwise it refuses workers and says who leads, or asks them for
/// their promise.
/// Conforms to: cluster coordinator.
/// Sends: consult to the arbiter client; follow_leader to the leader line; session_over to workers when it leads no
/// more. Ends: on exit from its parent, once the arbiter or the workers know that others need not wait.
cluster_coordinator_actor spawn_leader_gate(caf::actor_system& system, leader_gate_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::leadership_due)
