#pragma once

#include "actors/discovery/mechanism.hpp"

namespace rollcall {

struct static_sd_state : act::state_base {
  static inline const char* name = "static-sd";

  discoverer_status status;
  act::watcher watchers;
};

/// static_configs: tells its groups once and then only answers questions.
discovery_mechanism static_sd();

}  // namespace rollcall
