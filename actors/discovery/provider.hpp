#pragma once

#include "actors/act.hpp"
#include "actors/discovery/mechanism.hpp"
#include "lib/targets/backoff.hpp"

#include <functional>
#include <map>
#include <string>

namespace rollcall {

/// It is time to start the discoverer again.
struct restart_due {
  bool operator==(const restart_due&) const = default;
};

struct provider_options {
  provider_id id = 0;
  sd_config configuration;
  std::string job;  ///< The first job that asked for it.
  target_sink_actor sink;
  services_ptr services;
  environment_ptr environment;
  std::function<discoverer_actor(caf::actor_system&, const sd_config&, discoverer_context)> spawn_discoverer;
  backoff_options restart_backoff{.initial = std::chrono::seconds(1), .max = std::chrono::minutes(1)};
  /// A discoverer that stayed up this long is no longer a failing one: its next restart begins with the first delay.
  std::chrono::milliseconds healthy_after = std::chrono::minutes(2);
  std::chrono::milliseconds status_timeout = std::chrono::seconds(5);
};

struct provider_state : act::state_base {
  static inline const char* name = "provider";

  provider_options options;
  act::owned<discoverer_actor> discoverer;
  std::map<std::string, target_group_ptr, std::less<>> groups;  // the last good ones, by source
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
