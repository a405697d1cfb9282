#pragma once

#include "actors/act.hpp"
#include "actors/io/inotify_thread.hpp"
#include "messages/io.hpp"

#include <memory>
#include <string>

namespace rollcall {

/// The thread below ended by a fault.
struct watcher_failed {
  std::string error;

  bool operator==(const watcher_failed&) const = default;
};

struct file_watcher_state : act::state_base {
  static inline const char* name = "file-watcher";

  std::unique_ptr<inotify_thread> thread;
  act::watcher watchers;
};

file_watcher_actor spawn_file_watcher(caf::actor_system& system, inotify_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::watcher_failed)
