#pragma once

#include "actors/scrape/pool_settings.hpp"
#include "actors/scrape/scrape_loop.hpp"
#include "lib/targets/backoff.hpp"
#include "lib/targets/target_set.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace rollcall {

/// A loop ended and is to be started again.
struct loop_restart_due {
  uint64_t identity = 0;

  bool operator==(const loop_restart_due&) const = default;
};

struct scrape_pool_options {
  scrape_config_ptr config;
  services_ptr services;
  environment_ptr environment;
  /// Sets this instance's scrape times apart from those of its replicas.
  uint64_t offset_seed = 0;
  scrape_mode mode;
  failure_log_actor failure_log;  ///< See scrape_loop_options.
  std::function<scrape_loop_actor(caf::actor_system&, scrape_loop_options)> spawn_loop = spawn_scrape_loop;
  backoff_options restart_backoff{.initial = std::chrono::milliseconds(100), .max = std::chrono::seconds(30)};
  /// A loop that stayed up this long is no longer a failing one.
  std::chrono::milliseconds healthy_after = std::chrono::minutes(2);
  std::chrono::milliseconds status_timeout = std::chrono::seconds(10);
};

struct scrape_pool_state : act::state_base {
  static inline const char* name = "scrape-pool";

  struct loop_entry {
    target_ptr target;
    act::owned<scrape_loop_actor> actor;
    uint64_t restarts = 0;
    int64_t started = 0;
    backoff restart_backoff;
  };

  /// A loop whose target is gone, until its series have gone stale or found an heir.
  struct leaving_entry {
    labels visible;
    act::owned<scrape_loop_actor> actor;
  };

  scrape_pool_options options;
  std::optional<job_settings> settings;
  std::unique_ptr<target_set> targets;
  std::unordered_map<uint64_t, loop_entry> loops;       // by target identity
  std::unordered_map<uint64_t, leaving_entry> leaving;  // by actor id
  std::string forced_error;
  std::shared_ptr<pool_metrics> metrics;
  act::watcher watchers;
};

scrape_pool_actor spawn_scrape_pool(caf::actor_system& system, scrape_pool_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::loop_restart_due)
