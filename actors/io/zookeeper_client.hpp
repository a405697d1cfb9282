#pragma once

#include "actors/act.hpp"
#include "actors/io/zookeeper_thread.hpp"
#include "messages/lookup.hpp"

#include <memory>
#include <string>

namespace rollcall {

/// The thread below ended by a fault.
struct zookeeper_thread_failed {
  std::string error;

  bool operator==(const zookeeper_thread_failed&) const = default;
};

struct zookeeper_client_state : act::state_base {
  static inline const char* name = "zookeeper-client";

  std::unique_ptr<zookeeper_thread> thread;
  act::watcher watchers;
};

zookeeper_client_actor spawn_zookeeper_client(caf::actor_system& system, zookeeper_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::zookeeper_thread_failed)
