#pragma once

#include "actors/act.hpp"
#include "actors/cluster/loop_codec.hpp"
#include "actors/environment.hpp"
#include "lib/cluster/voter.hpp"
#include "lib/cluster/worker_side.hpp"
#include "messages/nodes.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace rollcall {

/// It is time to say something to the coordinator.
struct beat_due {
  bool operator==(const beat_due&) const = default;
};

/// It is time for the next ticks.
struct ticks_due {
  uint64_t generation = 0;

  bool operator==(const ticks_due&) const = default;
};

/// A loop ended by a fault and is to be started again.
struct placed_restart_due {
  cluster::tenancy which = cluster::no_tenancy;

  bool operator==(const placed_restart_due&) const = default;
};

/// What a loop that was given up knew.
struct estate_collected {
  cluster::tenancy which = cluster::no_tenancy;
  std::string state;

  bool operator==(const estate_collected&) const = default;
};

/// What a loop knows by now.
struct estate_copied {
  cluster::tenancy which = cluster::no_tenancy;
  uint64_t session = 0;  ///< For which it was copied.
  uint64_t version = 0;
  std::string state;

  bool operator==(const estate_copied&) const = default;
};

/// What the process is asked for by its coordinator.
struct worker_callbacks {
  std::function<void(config_ptr)> configured;
  std::function<void()> dismissed;
};

struct cluster_worker_options {
  services_ptr services;
  environment_ptr environment;
  std::string node;
  std::string zone;
  cluster::worker_options protocol;
  size_t coordinators = 1;  ///< How many it may find.
  worker_callbacks call;
  /// Set by the process when it wants to end.
  std::shared_ptr<const std::atomic<bool>> leaving = std::make_shared<std::atomic<bool>>(false);
  std::function<scrape_loop_actor(caf::actor_system&, const loop_assignment&, services_ptr)> spawn_loop;
  std::function<node_link_actor(caf::actor_system&, coordinator_sink_actor)> spawn_link;
  std::chrono::milliseconds beat = std::chrono::milliseconds(500);
  int beats_per_lease = 6;
  std::chrono::milliseconds beat_min = std::chrono::milliseconds(10);
  /// How long giving everything away may take; then the worker ends with what it has.
  std::chrono::milliseconds drain_deadline = std::chrono::minutes(2);
  std::chrono::milliseconds hello_timeout = std::chrono::seconds(2);
  std::chrono::milliseconds restart_delay = std::chrono::seconds(1);
  /// How often each loop's status is told to the coordinator.
  std::chrono::milliseconds status_interval = std::chrono::seconds(10);
  std::chrono::milliseconds status_timeout = std::chrono::seconds(5);
  size_t copies_at_once_max = 200;
  /// In which a loop is copied twice at most, though it may know other series by then: once could be after a first
  /// scrape that failed.
  std::chrono::milliseconds two_copies_interval = std::chrono::minutes(1);
  /// After which nobody waits for copies any more.
  std::chrono::milliseconds copies_timeout = std::chrono::minutes(2);
  size_t page_loops_max = 500;  ///< How many loops are asked for one page of an answer.
};

class worker_loops;

struct cluster_worker_state : act::state_base {
  static inline const char* name = "cluster-worker";

  cluster_worker_options options;
  std::unique_ptr<worker_loops> loops;
  std::unique_ptr<cluster::worker_side> side;
  std::optional<cluster::voter> voter;
  act::owned<node_link_actor> link;
  coordinator_port_actor coordinator;
  bool is_member = false;
  bool is_asking = false;
  bool is_copying = false;
  std::string last_refusal;
  bool is_warned = false;                // that nothing decides which of several coordinators leads
  std::optional<int64_t> leaving_since;  // by the steady clock
  uint64_t tick_generation = 0;
  std::optional<int64_t> armed_for;
  act::watcher watchers;
};

/// Conforms to: worker port, coordinator sink, ticker of its loops.
cluster_worker_actor spawn_cluster_worker(caf::actor_system& system, cluster_worker_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::beat_due)
ACT_PRIVATE_MESSAGE(rollcall::ticks_due)
ACT_PRIVATE_MESSAGE(rollcall::placed_restart_due)
ACT_PRIVATE_MESSAGE(rollcall::estate_collected)
ACT_PRIVATE_MESSAGE(rollcall::estate_copied)
