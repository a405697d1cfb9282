#pragma once

#include "actors/act.hpp"
#include "actors/io/curl_thread.hpp"
#include "actors/io/identity_keeper.hpp"
#include "actors/io/process_thread.hpp"
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

/// A credential plugin has ended.
struct plugin_ended {
  uint64_t tag = 0;
  process_output output;

  bool operator==(const plugin_ended&) const = default;
};

/// A server wants nothing of what a credential plugin gave.
struct credentials_refused {
  http::client_config_ptr client;
  http::header_list credentials;

  bool operator==(const credentials_refused&) const = default;
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
  std::unique_ptr<process_thread> programs;  // from the first credential plugin on
  act::watcher watchers;
};

http_client_actor spawn_http_client(caf::actor_system& system, http_client_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::curl_thread_failed)
ACT_PRIVATE_MESSAGE(rollcall::plugin_ended)
ACT_PRIVATE_MESSAGE(rollcall::credentials_refused)
