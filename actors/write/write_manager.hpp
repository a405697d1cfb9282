#pragma once

#include "actors/act.hpp"
#include "actors/environment.hpp"
#include "actors/write/write_endpoint.hpp"
#include "lib/targets/backoff.hpp"
#include "messages/write.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace rollcall {

/// An endpoint ended and is to be started again.
struct endpoint_restart_due {
  uint64_t endpoint = 0;

  bool operator==(const endpoint_restart_due&) const = default;
};

/// The last flush of an endpoint that is not wanted any more is over.
struct endpoint_retired {
  uint64_t endpoint = 0;
  uint64_t samples_left = 0;

  bool operator==(const endpoint_retired&) const = default;
};

/// The queue store ended and is to be started again.
struct store_restart_due {
  bool operator==(const store_restart_due&) const = default;
};

/// It is time to look for queues that belong to nobody.
struct orphans_due {
  uint64_t generation = 0;

  bool operator==(const orphans_due&) const = default;
};

/// What waits for each receiver. Whoever starts the manager keeps it, so that a crash of the manager loses nothing.
using outbox_shelf = std::vector<outbox_ptr>;

struct write_manager_options {
  services_ptr services;
  environment_ptr environment;
  service_registry_actor registry;
  /// Never null; for one manager at a time.
  std::shared_ptr<outbox_shelf> shelf = std::make_shared<outbox_shelf>();
  std::function<write_endpoint_actor(caf::actor_system&, write_endpoint_options)> spawn_endpoint = spawn_write_endpoint;
  /// Empty when nothing is to be kept on disk; then bounds.durable must say so too.
  std::function<queue_store_actor(caf::actor_system&)> spawn_store;
  outbox_bounds bounds;
  backoff_options restart_backoff{.initial = std::chrono::milliseconds(100), .max = std::chrono::seconds(30)};
  /// An endpoint that stayed up this long is started again at once.
  std::chrono::milliseconds healthy_after = std::chrono::minutes(1);
  /// How long an endpoint that is not wanted any more may take to deliver what it has.
  std::chrono::milliseconds retire_deadline = std::chrono::seconds(10);
  /// How often to look for queues of endpoints that are not configured any more. They go when their age is over.
  std::chrono::milliseconds orphans_interval = std::chrono::hours(1);
  /// How long after its deadline a flush is still waited for, and how long any other answer.
  std::chrono::milliseconds answer_timeout = std::chrono::seconds(5);
};

struct write_manager_state : act::state_base {
  static inline const char* name = "write-manager";

  struct endpoint {
    uint64_t id = 0;
    write_settings_ptr settings;
    outbox_ptr out;
    act::owned<write_endpoint_actor> actor;  // none while it waits for its restart
    uint64_t restarts = 0;
    std::string last_error;  // why it ended
    backoff restart_backoff;
    int64_t started = 0;
  };

  write_manager_options options;
  act::owned<queue_store_actor> store;  // none while it waits for its restart
  backoff store_backoff;
  uint64_t orphans_generation = 0;
  std::vector<stored_queue> orphans;
  std::vector<endpoint> endpoints;  // in the order of the configuration
  std::vector<endpoint> retiring;
  std::vector<sample_sink_actor> announced;
  bool announced_once = false;
  uint64_t last_id = 0;
  act::watcher watchers;
};

write_manager_actor spawn_write_manager(caf::actor_system& system, write_manager_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::endpoint_restart_due)
ACT_PRIVATE_MESSAGE(rollcall::endpoint_retired)
ACT_PRIVATE_MESSAGE(rollcall::store_restart_due)
ACT_PRIVATE_MESSAGE(rollcall::orphans_due)
