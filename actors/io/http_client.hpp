#pragma once

#include "actors/act.hpp"
#include "actors/io/curl_thread.hpp"
#include "actors/io/identity_keeper.hpp"
#include "messages/io.hpp"

#include <memory>
#include <optional>
#include <string>

namespace rollcall {

/// The thread below ended by a fault; all it had to answer is answered.
struct curl_thread_failed {
  std::string error;

  bool operator==(const curl_thread_failed&) const = default;
};

struct http_client_options {
  curl_options curl;
  auth::environment variables = read_environment;

  /// The process's own.
  static std::string read_environment(const std::string& name);
};

struct http_client_state : act::state_base {
  static inline const char* name = "http-client";

  std::unique_ptr<curl_thread> thread;
  std::optional<identity_keeper> identities;
  act::watcher watchers;
};

http_client_actor spawn_http_client(caf::actor_system& system, http_client_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::curl_thread_failed)
