#pragma once

#include "actors/act.hpp"
#include "lib/cluster/arbiter.hpp"
#include "messages/http.hpp"
#include "messages/leadership.hpp"

#include <functional>
#include <unordered_map>

namespace rollcall {

struct arbiter_client_options {
  cluster::named_arbiter arbiter;
  std::function<int64_t()> wall_clock;
  std::function<http_client_actor(caf::actor_system&)> spawn_http;
  std::chrono::milliseconds timeout = std::chrono::seconds(1);  ///< For one request.
};

struct arbiter_client_state : act::state_base {
  static inline const char* name = "arbiter-client";

  struct question {
    cluster::leadership::step step;
    caf::typed_response_promise<consulted> asker;
  };

  arbiter_client_options options;
  http::client_config_ptr client;
  act::owned<http_client_actor> http;
  uint64_t last_tag = 0;
  std::unordered_map<uint64_t, question> open;  // by tag of the fetch
  act::watcher watchers;
};

arbiter_client_actor spawn_arbiter_client(caf::actor_system& system, arbiter_client_options options);

}  // namespace rollcall
