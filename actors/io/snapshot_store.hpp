#pragma once

#include "actors/act.hpp"
#include "actors/environment.hpp"
#include "actors/io/snapshot_directory.hpp"
#include "messages/snapshot.hpp"

#include <chrono>
#include <optional>
#include <set>
#include <string>

namespace rollcall {

/// It is time to remove files that nobody wants.
struct removal_due {
  bool operator==(const removal_due&) const = default;
};

struct snapshot_store_options {
  environment_ptr environment;
  std::string directory;
  /// How long a file that nobody wants any more is kept after it was written.
  std::chrono::milliseconds age_max = std::chrono::hours(24 * 7);
  std::chrono::milliseconds removal_interval = std::chrono::hours(1);
};

struct snapshot_store_state : act::state_base {
  static inline const char* name = "snapshot-store";

  snapshot_store_options options;
  std::optional<snapshot_directory> directory;
  std::optional<std::set<std::string>> wanted;  // nothing until it is known
  bool is_broken = false;                       // nothing can be written, and that was told
  act::watcher watchers;
};

/// Runs on a thread of its own, as a disk may make it wait.
snapshot_store_actor spawn_snapshot_store(caf::actor_system& system, snapshot_store_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::removal_due)
