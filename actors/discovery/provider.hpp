#pragma once

#include "actors/act.hpp"
#include "actors/discovery/mechanism.hpp"
#include "actors/discovery/snapshot_identity.hpp"
#include "lib/targets/backoff.hpp"
#include "lib/targets/known_groups.hpp"
#include "lib/telemetry/telemetry.hpp"

#include <functional>
#include <string>
#include <vector>

namespace rollcall {

/// It is time to start the discoverer again.
struct restart_due {
  bool operator==(const restart_due&) const = default;
};

/// The discoverer has had its time to say something before the snapshot counts.
struct grace_over {
  bool operator==(const grace_over&) const = default;
};

/// It is time to write a snapshot.
struct snapshot_due {
  bool operator==(const snapshot_due&) const = default;
};

/// It is time to see whether the source still says what was written last.
struct confirmation_due {
  bool operator==(const confirmation_due&) const = default;
};

/// What is held back until then has been so for long enough.
struct hold_over {
  int64_t until = 0;

  bool operator==(const hold_over&) const = default;
};

/// When snapshots are used and written.
struct snapshot_timing {
  /// How long a discoverer may take to say something before an earlier process's targets are put in force.
  std::chrono::milliseconds grace = std::chrono::seconds(2);
  /// A snapshot that its source confirmed longer ago is of no use.
  std::chrono::milliseconds age_max = std::chrono::hours(24 * 7);
  /// How long changes gather before they are written.
  std::chrono::milliseconds gathering = std::chrono::seconds(5);
  /// The size of a snapshot divided by this is how long there is none after it, if that is longer.
  uint64_t bytes_per_second_max = uint64_t{1} << 20;
  /// How old the time on a snapshot may become while its source still says the same.
  std::chrono::milliseconds confirmation_interval = std::chrono::minutes(30);
  std::chrono::milliseconds retry_delay = std::chrono::minutes(1);
  std::chrono::milliseconds read_timeout = std::chrono::seconds(2);
  std::chrono::milliseconds write_timeout = std::chrono::minutes(1);
};

struct provider_options {
  provider_id id = 0;
  sd_config configuration;
  std::string job;  ///< The first job that asked for it.
  target_sink_actor sink;
  services_ptr services;
  environment_ptr environment;
  std::function<discoverer_actor(caf::actor_system&, const sd_config&, discoverer_context)> spawn_discoverer;
  snapshot_store_actor snapshots;  ///< Null: none are kept.
  snapshot_identity snapshot;
  snapshot_timing timing;
  removal_guard guard;
  backoff_options restart_backoff{.initial = std::chrono::seconds(1), .max = std::chrono::minutes(1)};
  /// A discoverer that stayed up this long is no longer a failing one: its next restart begins with the first delay.
  std::chrono::milliseconds healthy_after = std::chrono::minutes(2);
  std::chrono::milliseconds status_timeout = std::chrono::seconds(5);
};

struct provider_state : act::state_base {
  static inline const char* name = "provider";

  /// The snapshot of an earlier process, until the discoverer has told everything.
  struct restoration {
    bool reading = false;
    std::vector<update> early;    // came while it was being read
    group_snapshot_ptr snapshot;  // null when there is none
    std::shared_ptr<snapshot_metrics> in_force;
  };

  /// What is written for a later process.
  struct preservation {
    bool changed = false;    // since the last write began
    bool scheduled = false;  // snapshot_due will come
    bool writing = false;
    int64_t confirmed = 0;              // when the source said what is known
    int64_t written = 0;                // when the last write that succeeded began
    std::chrono::milliseconds wait{0};  // before the next one, at least
    std::string error;
  };

  ~provider_state();

  provider_options options;
  act::owned<discoverer_actor> discoverer;
  known_groups groups;  // the last good ones
  restoration restored;
  preservation preserved;
  std::shared_ptr<removal_metrics> removals;  // once there was one to hold back
  backoff restart_backoff;
  bool delivered = false;
  uint64_t restarts = 0;
  std::string last_error;
  int64_t started = 0;
  int64_t last_success = 0;
  int64_t next_attempt = 0;
  act::watcher watchers;
};

provider_actor spawn_provider(caf::actor_system& system, provider_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::restart_due)
ACT_PRIVATE_MESSAGE(rollcall::grace_over)
ACT_PRIVATE_MESSAGE(rollcall::snapshot_due)
ACT_PRIVATE_MESSAGE(rollcall::confirmation_due)
ACT_PRIVATE_MESSAGE(rollcall::hold_over)
