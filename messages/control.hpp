#pragma once

#include "messages/write.hpp"

#include <memory>
#include <string>

/// Control: configuration in, commands in.
///   web server, signals, file change --reload_config--> config reloader --apply_config--> supervisor --apply_...-->
///   managers

namespace rollcall {

/// Put this validated configuration in force, as a whole.
struct apply_config {
  config_ptr config;

  bool operator==(const apply_config&) const = default;
};

struct get_restarts {
  bool operator==(const get_restarts&) const = default;
};

/// How often the supervisor restarted one of its children.
struct child_restarts {
  std::string name;
  uint64_t restarts = 0;
  std::string last_error;

  bool operator==(const child_restarts&) const = default;
};

struct restarts {
  std::vector<child_restarts> children;

  bool operator==(const restarts&) const = default;
};

/// The managers there are. A handle changes when its manager was restarted, so ask again for every use.
struct managers {
  discovery_manager_actor discovery;
  scrape_manager_actor scrape;
  write_manager_actor write;

  bool operator==(const managers&) const = default;
};

struct get_managers {
  bool operator==(const get_managers&) const = default;
};

/// End the process in good order.
struct shut_down {
  bool operator==(const shut_down&) const = default;
};

/// What one of several processes that are there for the same work has to do.
enum class duty : unsigned char {
  lead,     ///< All of it.
  stand_by  ///< Nothing but to be ready: it discovers nothing and has no pools.
};

/// From now on this is the duty of the process.
struct set_duty {
  duty now = duty::lead;

  bool operator==(const set_duty&) const = default;
};

/// SUPERVISOR: starts, watches and restarts the managers and the io actors.
/// Conforms to: service registry.
/// Sends: apply_... to the managers, use_services to all when an actor that everyone uses was replaced.
/// Ends: after shut_down, when everything below has ended and what was scraped has been delivered or its time is over.
using supervisor_actor = act::handle<
    // A new set of sample sinks.
    void(sinks_changed),
    // A new configuration.
    void(apply_config),
    // Whom to ask.
    managers(get_managers),
    // Restarts of its children.
    restarts(get_restarts),
    // Begins or ends discovery and scraping.
    void(set_duty),
    // Ends everything.
    void(shut_down)>;

/// Read the configuration again and put it in force.
struct reload_config {
  bool operator==(const reload_config&) const = default;
};

/// What became of a reload.
struct reloaded {
  bool applied = false;
  std::string error;  ///< `file:line:column: what is wrong`, or empty.

  bool operator==(const reloaded&) const = default;
};

struct get_config {
  bool operator==(const get_config&) const = default;
};

/// The configuration in force.
struct config_in_force {
  config_ptr config;

  bool operator==(const config_in_force&) const = default;
};

/// CONFIG RELOADER: turns a signal, a request or a changed file into one validated configuration.
/// Sends: apply_config to the supervisor; nothing when the new configuration is bad, so the old one stays in force.
/// Ends: on exit from its parent.
using config_reloader_actor = act::handle<
    // Reads, validates and applies.
    reloaded(reload_config),
    // The configuration in force.
    config_in_force(get_config)>;

}  // namespace rollcall

ACT_BLOCK_AFTER(rollcall_write, rollcall_control)
ACT_LOCAL_MESSAGE(rollcall_control, rollcall::apply_config)
ACT_LOCAL_MESSAGE(rollcall_control, rollcall::get_restarts)
ACT_LOCAL_MESSAGE(rollcall_control, rollcall::restarts)
ACT_LOCAL_MESSAGE(rollcall_control, rollcall::managers)
ACT_LOCAL_MESSAGE(rollcall_control, rollcall::get_managers)
ACT_LOCAL_MESSAGE(rollcall_control, rollcall::shut_down)
ACT_LOCAL_MESSAGE(rollcall_control, rollcall::set_duty)
ACT_LOCAL_MESSAGE(rollcall_control, rollcall::reload_config)
ACT_LOCAL_MESSAGE(rollcall_control, rollcall::reloaded)
ACT_LOCAL_MESSAGE(rollcall_control, rollcall::get_config)
ACT_LOCAL_MESSAGE(rollcall_control, rollcall::config_in_force)
ACT_END(rollcall_control)
