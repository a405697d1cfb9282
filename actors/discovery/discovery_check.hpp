#pragma once

#include "actors/act.hpp"
#include "messages/discovery.hpp"

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace rollcall {

/// The time for a look at discovery is over.
struct check_over {
  bool operator==(const check_over&) const = default;
};

/// What one look at a job's discovery found.
struct discovery_findings {
  bool complete = false;                   ///< Whether every provider of the job has said everything that it knows.
  std::vector<group_change> groups;        ///< In order of provider and source.
  std::vector<provider_status> providers;  ///< Empty if their manager did not answer.
};

struct discovery_check_options {
  discovery_job job;
  std::function<discovery_manager_actor(caf::actor_system&)> spawn_manager;
  std::chrono::milliseconds timeout = std::chrono::seconds(30);
  std::chrono::milliseconds status_timeout = std::chrono::seconds(10);
  /// Called once, on the actor's thread, when discovery is complete or the time is over. Must not block.
  std::function<void(discovery_findings)> done;
};

struct discovery_check_state : act::state_base {
  static inline const char* name = "discovery-check";

  discovery_check_options options;
  act::owned<discovery_manager_actor> manager;
  std::map<std::pair<provider_id, std::string>, target_group_ptr> groups;
  bool concluding = false;
  act::watcher watchers;
};

/// Runs a job's discovery until it is complete or the time is over, tells what it found, and ends.
sync_sink_actor spawn_discovery_check(caf::actor_system& system, discovery_check_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::check_over)
