#pragma once

#include "actors/scrape/scrape_pool.hpp"
#include "lib/targets/backoff.hpp"
#include "lib/targets/group_table.hpp"

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace rollcall {

/// Hand the pools what has come in since the last time.
struct reload {
  bool operator==(const reload&) const = default;
};

/// A pool ended and is to be started again.
struct pool_restart_due {
  std::string job;

  bool operator==(const pool_restart_due&) const = default;
};

/// The series of a removed job have gone stale by now: its pool can go.
struct retire_due {
  std::string job;
  uint64_t generation = 0;

  bool operator==(const retire_due&) const = default;
};

struct scrape_manager_options {
  services_ptr services;
  environment_ptr environment;
  uint64_t offset_seed = 0;  ///< See scrape_pool_options.
  scrape_mode mode;
  /// Starts the log of failed fetches; without it there is none.
  std::function<failure_log_actor(caf::actor_system&)> spawn_failure_log{};
  std::function<scrape_pool_actor(caf::actor_system&, scrape_pool_options)> spawn_pool = spawn_scrape_pool;
  backoff_options restart_backoff{.initial = std::chrono::milliseconds(100), .max = std::chrono::seconds(30)};
  /// A pool that stayed up this long is no longer a failing one.
  std::chrono::milliseconds healthy_after = std::chrono::minutes(2);
  std::chrono::milliseconds status_timeout = std::chrono::seconds(10);
};

struct scrape_manager_state : act::state_base {
  static inline const char* name = "scrape-manager";

  struct job_entry {
    scrape_config_ptr config;
    act::owned<scrape_pool_actor> pool;
    std::map<provider_id, group_table> groups;
    job_change pending;
    uint64_t restarts = 0;
    int64_t started = 0;
    uint64_t retired = 0;  // a generation while the job is removed and its series go stale, else 0
    backoff restart_backoff;
  };

  scrape_manager_options options;
  std::map<std::string, job_entry> jobs;
  act::owned<failure_log_actor> failure_log;
  bool reload_pending = false;
  uint64_t last_generation = 0;
  act::watcher watchers;
};

scrape_manager_actor spawn_scrape_manager(caf::actor_system& system, scrape_manager_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::reload)
ACT_PRIVATE_MESSAGE(rollcall::pool_restart_due)
ACT_PRIVATE_MESSAGE(rollcall::retire_due)
