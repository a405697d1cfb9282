#pragma once

#include "actors/act.hpp"
#include "actors/environment.hpp"
#include "lib/base/result.hpp"
#include "messages/control.hpp"

#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace rollcall {

/// A thread has read and checked the configuration, or found out that it did not change.
struct config_read {
  result<config_ptr> outcome;
  std::string checksum;
  bool unchanged = false;
};

/// It is time to look whether the files changed.
struct check_due {
  bool operator==(const check_due&) const = default;
};

struct config_reloader_options {
  /// Reads and checks everything. Runs on a thread of its own.
  std::function<result<config_ptr>()> load;
  /// A checksum over the files of a configuration; empty when one cannot be read. Runs on the same thread.
  std::function<std::string(const config&)> checksum;
  /// What was loaded at start, already applied.
  config_ptr initial;
  supervisor_actor supervisor;
  environment_ptr environment;
  std::chrono::milliseconds auto_reload_interval{0};  ///< 0 means never.
};

struct config_reloader_state : act::state_base {
  static inline const char* name = "config-reloader";

  ~config_reloader_state();

  config_reloader_options options;
  config_ptr config;
  std::string checksum;
  std::thread reader;
  bool reading = false;
  /// Who waits for the reading under way, and who came after it had begun.
  std::vector<std::function<void(const reloaded&)>> waiting;
  std::vector<std::function<void(const reloaded&)>> next;
  act::watcher watchers;
};

config_reloader_actor spawn_config_reloader(caf::actor_system& system, config_reloader_options options);

/// SHA-256, in hexadecimal, over names and contents of a configuration's files; empty when one cannot be read.
std::string config_checksum(const config& configuration);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::config_read)
ACT_PRIVATE_MESSAGE(rollcall::check_due)
