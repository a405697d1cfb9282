#pragma once

#include "actors/act.hpp"
#include "actors/cluster_handles.hpp"
#include "actors/environment.hpp"
#include "actors/web/http_exchange.hpp"
#include "actors/web/pages.hpp"
#include "lib/telemetry/telemetry.hpp"
#include "lib/web/cors.hpp"
#include "lib/web/global_url.hpp"
#include "lib/web/query_string.hpp"
#include "lib/web/status_json.hpp"
#include "messages/nodes.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <string>

namespace rollcall {

/// What all requests to one web server have in common. Immutable and shared.
struct web_request_options {
  supervisor_actor supervisor;
  config_reloader_actor reloader;
  cluster_handles_ptr handles = std::make_shared<cluster_handles>();
  environment_ptr environment;
  bool lifecycle_enabled = false;  ///< Whether /-/reload and /-/quit do anything.
  web::cors cors;
  web::external_address external;
  web::build_info build;
  std::map<std::string, std::string> flags;  ///< All flags of the command line with their values, without dashes.
  int64_t start_time = 0;                    ///< Milliseconds since the Unix epoch.
  std::chrono::milliseconds answer_timeout = std::chrono::seconds(10);  ///< For each question to another actor.
  std::chrono::milliseconds reload_timeout = std::chrono::minutes(1);
  size_t federate_series_max = 1'000'000;
  /// How long a worker waits for its coordinator, which may be waiting for workers, before it speaks for itself.
  std::chrono::milliseconds forward_timeout = std::chrono::seconds(8);
  uint64_t forward_bytes_max = uint64_t{1} << 30;
};

using web_request_options_ptr = std::shared_ptr<const web_request_options>;

/// Answer this request. Comes once.
struct answer_request {
  http_exchange_ptr exchange;
  rollcall::page page = page::home;
  web::query_string query;
  rollcall::readiness readiness = readiness::starting;
  std::shared_ptr<handler_metrics> metrics;
};

/// WEB REQUEST: one request on its way. Works in parallel to others, so that a large page does not delay a health
/// check. Sends: questions to the managers; at most one answer to its client, also when it crashes. Ends: with its
/// answer.
using web_request_actor = act::handle<
    // Answers.
    void(answer_request)>;

struct web_request_state : act::state_base {
  static inline const char* name = "web-request";

  web_request_options_ptr options;
  answer_request request;
  std::chrono::steady_clock::time_point started;
  std::vector<std::string> warnings;  // that go with the answer
  act::watcher watchers;
};

web_request_actor spawn_web_request(caf::actor_system& system, web_request_options_ptr options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::answer_request)
