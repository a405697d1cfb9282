#pragma once

#include "actors/act.hpp"
#include "actors/environment.hpp"
#include "app/cluster_node.hpp"
#include "app/command_line.hpp"
#include "lib/base/result.hpp"
#include "lib/queue/block_store.hpp"
#include "lib/queue/journal.hpp"
#include "messages/control.hpp"
#include "messages/web.hpp"

namespace rollcall {

/// The actors that stand on their own.
struct running_system {
  supervisor_actor supervisor;
  config_reloader_actor reloader;
  web_server_actor web;
  cluster_handles_ptr handles = std::make_shared<cluster_handles>();
  node_ties node;  ///< Of a cluster.
};

/// CAF as measured to be best for us: see docs/decisions.
void configure_actor_system(caf::actor_system_config& config, const cluster_flags& cluster);

environment_ptr make_environment();

/// What is kept on disk for delivery. Never null.
struct opened_queues {
  queue::block_store_ptr store;
  queue::journal_ptr journal;
};

/// What is queued for delivery below --storage.agent.path. Errors: closed, when another process uses it.
result<opened_queues> open_queues(const std::string& storage_path);

/// Reads and checks a configuration with every mechanism there is.
result<config_ptr> load_configuration(const std::string& file, const daemon_flags& flags);

/// Asks the process to end: a worker first gives away what it has.
void begin_end(const running_system& running, const daemon_flags& flags);

/// Starts the web server of a running system, at first or after a crash. Errors: an address cannot be bound.
result<web_server_actor> start_web(caf::actor_system& system, const environment_ptr& environment,
                                   const daemon_flags& flags, const running_system& running);

/// Starts everything with this configuration in force. Errors: an address cannot be bound; another process uses the
/// storage.
result<running_system> start_system(caf::actor_system& system, const environment_ptr& environment,
                                    const daemon_flags& flags, const config_ptr& initial);

}  // namespace rollcall
