#pragma once

#include "actors/act.hpp"
#include "actors/web/http_listener.hpp"
#include "actors/web/web_request.hpp"
#include "lib/web/router.hpp"
#include "messages/nodes.hpp"

#include <memory>
#include <string>
#include <unordered_map>

namespace rollcall {

/// A client asks for something.
struct http_requested {
  http_exchange_ptr exchange;
};

/// The listener has answered what it could and holds no connection any more.
struct listener_stopped {
  bool operator==(const listener_stopped&) const = default;
};

struct web_server_options {
  http_listener_options listener;
  supervisor_actor supervisor;
  config_reloader_actor reloader;
  /// Where the server makes itself known to other nodes, and finds who knows them.
  cluster_handles_ptr handles = std::make_shared<cluster_handles>();
  environment_ptr environment;
  std::string external_url;  ///< --web.external-url; empty for this host and the first port.
  std::string route_prefix;  ///< --web.route-prefix; empty for the path of external_url.
  std::string cors_origin = ".*";
  bool lifecycle_enabled = false;
  web::build_info build;
  std::map<std::string, std::string> flags;  ///< All flags of the command line with their values, without dashes.
  std::chrono::milliseconds answer_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds reload_timeout = std::chrono::minutes(1);
  size_t federate_series_max = 1'000'000;
  size_t relays_max = 32;  ///< Answers to other nodes at a time.
};

struct web_server_state : act::state_base {
  static inline const char* name = "web-server";

  web_request_options_ptr request_options;
  size_t relays_max = 0;
  web::router router{""};
  rollcall::readiness readiness = readiness::starting;
  bool is_stopping = false;
  std::unordered_map<std::string, std::shared_ptr<handler_metrics>> metrics;  // by pattern
  std::unordered_map<uint64_t, act::owned<web_request_actor>> requests;       // under way, by actor id
  std::unordered_map<uint64_t, act::owned<answer_source_actor>> relays;       // likewise
  act::watcher watchers;
  std::unique_ptr<http_listener> listener;
};

/// Binds the addresses and begins to serve. Errors: errc::io and errc::invalid_argument, as http_listener::open.
result<web_server_actor> spawn_web_server(caf::actor_system& system, web_server_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::http_requested)
ACT_PRIVATE_MESSAGE(rollcall::listener_stopped)
