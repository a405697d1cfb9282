#pragma once

#include "actors/act.hpp"
#include "messages/failure_log.hpp"

#include <fstream>
#include <map>
#include <string>

namespace rollcall {

struct failure_log_state : act::state_base {
  static inline const char* name = "failure-log";

  struct log_file {
    std::ofstream stream;
    bool is_broken = false;  // and that was told
  };

  std::map<std::string, log_file> files;  // as many as jobs name
  act::watcher watchers;
};

/// Runs on a thread of its own, as a disk may make it wait.
failure_log_actor spawn_failure_log(caf::actor_system& system);

}  // namespace rollcall
