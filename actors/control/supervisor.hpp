#pragma once

#include "actors/act.hpp"
#include "actors/environment.hpp"
#include "lib/targets/backoff.hpp"
#include "messages/control.hpp"
#include "messages/nodes.hpp"

#include <functional>
#include <string>
#include <vector>

namespace rollcall {

/// Children are started in this order and ended in the reverse one.
enum class child : unsigned char {
  ticker,
  file_watcher,
  dns_resolver,
  zookeeper_client,
  http_client,
  cluster_coordinator,
  write_manager,
  scrape_manager,
  discovery_manager
};

std::string to_string(child role);

/// A child ended and is to be started again; `index` tells HTTP clients apart.
struct child_restart_due {
  child role = child::ticker;
  size_t index = 0;

  bool operator==(const child_restart_due&) const = default;
};

/// The flush at shutdown is over.
struct flush_over {
  uint64_t samples_left = 0;

  bool operator==(const flush_over&) const = default;
};

/// How to start each child. Tests pass fakes.
struct supervisor_factories {
  std::function<ticker_actor(caf::actor_system&)> ticker;
  std::function<file_watcher_actor(caf::actor_system&)> file_watcher;
  std::function<dns_resolver_actor(caf::actor_system&)> dns_resolver;
  std::function<zookeeper_client_actor(caf::actor_system&)> zookeeper_client;
  std::function<http_client_actor(caf::actor_system&, size_t index)> http_client;
  /// None where there is no coordinator. Whoever speaks to one is made anew after it was.
  std::function<cluster_coordinator_actor(caf::actor_system&)> cluster_coordinator;
  std::function<write_manager_actor(caf::actor_system&, services_ptr, service_registry_actor)> write_manager;
  std::function<scrape_manager_actor(caf::actor_system&, services_ptr)> scrape_manager;
  std::function<discovery_manager_actor(caf::actor_system&, services_ptr)> discovery_manager;
};

struct supervisor_options {
  environment_ptr environment;
  supervisor_factories factories;
  size_t http_clients = 2;
  rollcall::duty duty = rollcall::duty::lead;  ///< At first.
  backoff_options restart_backoff{.initial = std::chrono::milliseconds(50), .max = std::chrono::seconds(10)};
  /// A child that stayed up this long is no longer a failing one.
  std::chrono::milliseconds healthy_after = std::chrono::minutes(2);
  /// How long what was scraped may take to be delivered at shutdown.
  std::chrono::milliseconds flush_deadline = std::chrono::minutes(1);
};

struct supervisor_state : act::state_base {
  static inline const char* name = "supervisor";

  struct history {
    uint64_t restarts = 0;
    std::string last_error;
    int64_t started = 0;
    backoff restart_backoff;
  };

  supervisor_options options;
  // In order of creation, so that they end in the reverse one.
  act::owned<ticker_actor> ticker;
  act::owned<file_watcher_actor> files;
  act::owned<dns_resolver_actor> dns;
  act::owned<zookeeper_client_actor> zookeeper;
  std::vector<act::owned<http_client_actor>> http;
  act::owned<cluster_coordinator_actor> coordinator;
  act::owned<write_manager_actor> write;
  act::owned<scrape_manager_actor> scrape;
  act::owned<discovery_manager_actor> discovery;
  std::vector<sample_sink_actor> sinks;
  config_ptr config;
  std::map<std::pair<child, size_t>, history> histories;
  bool shutting_down = false;
  act::watcher watchers;
};

supervisor_actor spawn_supervisor(caf::actor_system& system, supervisor_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::child_restart_due)
ACT_PRIVATE_MESSAGE(rollcall::flush_over)
