#pragma once

#include "actors/discovery/provider.hpp"
#include "lib/targets/debounce.hpp"
#include "lib/targets/group_table.hpp"
#include "lib/telemetry/telemetry.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace rollcall {

/// Send what changed, now.
struct trigger_send {
  bool operator==(const trigger_send&) const = default;
};

/// A provider ended; start it again.
struct provider_restart_due {
  provider_id id = 0;

  bool operator==(const provider_restart_due&) const = default;
};

struct discovery_manager_options {
  services_ptr services;
  environment_ptr environment;
  std::function<provider_actor(caf::actor_system&, provider_options)> spawn_provider = rollcall::spawn_provider;
  std::function<discoverer_actor(caf::actor_system&, const sd_config&, discoverer_context)> spawn_discoverer;
  debounce_options send_debounce;
  backoff_options restart_backoff{.initial = std::chrono::seconds(1), .max = std::chrono::minutes(1)};
  /// A provider that stayed up this long is no longer a failing one.
  std::chrono::milliseconds healthy_after = std::chrono::minutes(2);
  std::chrono::milliseconds status_timeout = std::chrono::seconds(5);
};

struct discovery_manager_state : act::state_base {
  static inline const char* name = "discovery-manager";

  struct provider_entry {
    sd_config configuration;
    act::owned<provider_actor> actor;
    std::string first_job;
    group_table groups;
    size_t targets = 0;  // in all groups
    bool delivered = false;
    std::set<std::string> jobs;
    uint64_t restarts = 0;
    int64_t started = 0;
    backoff restart_backoff;
  };

  struct job_entry {
    std::set<provider_id> providers;
    /// Sources changed since the last sync.
    std::set<std::pair<provider_id, std::string>> dirty;
    /// Whether the sync sink is still to be told that there is nothing else. That waits until every provider has
    /// delivered: what the sink has from an earlier manager stays in force meanwhile.
    bool send_complete = true;
    /// Sources of providers that the job no longer has. They stay in force until every new provider has delivered, so
    /// that a changed discovery does not drop targets that the new one finds as well.
    std::vector<group_change> withdrawn;
    std::shared_ptr<discovered_metrics> metrics;
  };

  discovery_manager_options options;
  sync_sink_actor sink;
  std::map<provider_id, provider_entry> providers;
  std::map<std::string, job_entry> jobs;
  debounce send_debounce;
  act::watcher watchers;
};

discovery_manager_actor spawn_discovery_manager(caf::actor_system& system, discovery_manager_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::trigger_send)
ACT_PRIVATE_MESSAGE(rollcall::provider_restart_due)
