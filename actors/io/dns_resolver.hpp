#pragma once

#include "actors/act.hpp"
#include "actors/io/dns_thread.hpp"
#include "messages/lookup.hpp"

#include <memory>
#include <string>

namespace rollcall {

/// The thread below ended by a fault; all it had to answer is answered.
struct dns_thread_failed {
  std::string error;

  bool operator==(const dns_thread_failed&) const = default;
};

struct dns_resolver_state : act::state_base {
  static inline const char* name = "dns-resolver";

  std::unique_ptr<dns_thread> thread;
  act::watcher watchers;
};

dns_resolver_actor spawn_dns_resolver(caf::actor_system& system, dns_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::dns_thread_failed)
