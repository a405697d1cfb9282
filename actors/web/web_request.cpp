#include "actors/web/web_request.hpp"

#include "actors/web/answering.hpp"
#include "actors/web/discovery_views.hpp"
#include "actors/web/fleet_pages.hpp"
#include "actors/web/forwarding.hpp"
#include "lib/web/html.hpp"

#include <unistd.h>

#include <charconv>
#include <filesystem>

namespace rollcall {

namespace {

using self_ptr = web_request_ptr;

constexpr std::string_view agent_only = "unavailable with Prometheus Agent";

// -- pages -----------------------------------------------------------------------------------------------------------

void answer_ready(self_ptr self) { finish(self, web::text_response(200, "Prometheus Agent is Ready.\n")); }

/// The process does not do its work yet, or any more.
void answer_not_ready(self_ptr self) {
  auto response = web::error_response(503, "Service Unavailable");
  if (act::state(self).request.readiness == readiness::stopping) {
    response.headers.emplace_back("X-Prometheus-Stopping", "true");
  }
  finish(self, std::move(response));
}

void answer_reload(self_ptr self) {
  auto& options = *act::state(self).options;
  if (!options.lifecycle_enabled) return finish(self, web::text_response(403, "Lifecycle API is not enabled."));
  ask_within<reloaded>(self, options.reload_timeout, options.reloader, reload_config{}, [self](reloaded& outcome) {
    finish(self,
           outcome.applied ? web::response{} : web::error_response(500, "failed to reload config: " + outcome.error));
  });
}

void answer_quit(self_ptr self) {
  auto& options = *act::state(self).options;
  if (!options.lifecycle_enabled) return finish(self, web::text_response(403, "Lifecycle API is not enabled."));
  auto supervisor = options.supervisor;
  finish(self, web::text_response(200, "Requesting termination... Goodbye!"));
  if (supervisor) act::tell(supervisor, shut_down{});
}

void answer_metrics(self_ptr self) {
  finish(self, {200, web::exposition_text, act::state(self).options->environment->metrics->render(), {}});
}

void answer_config(self_ptr self) {
  ask<config_in_force>(self, act::state(self).options->reloader, get_config{}, [self](config_in_force& answer) {
    finish_json(self, web::config_json(answer.config ? answer.config->yaml : std::string()));
  });
}

void answer_runtime_info(self_ptr self) {
  const auto& options = *act::state(self).options;
  const auto& metrics = options.environment->metrics->daemon;
  char hostname[256] = {};
  ::gethostname(hostname, sizeof hostname - 1);
  std::error_code ignored;
  web::runtime_info info;
  info.start_time = options.start_time;
  info.working_directory = std::filesystem::current_path(ignored).string();
  info.hostname = hostname;
  info.server_time = options.environment->wall_clock();
  info.reload_success = metrics.config_last_reload_successful.Value() == 1;
  info.last_config_time = static_cast<int64_t>(metrics.config_last_reload_success_timestamp.Value() * 1000);
  info.actors = self->system().registry().running();
  info.threads = self->system().scheduler().num_workers();
  finish_json(self, web::runtime_info_json(info));
}

void answer_discovery(self_ptr self) {
  ask_manager<discovery_status>(self, &managers::discovery, get_discovery_status{}, [self](discovery_status& answer) {
    auto now = act::state(self).options->environment->wall_clock();
    finish_json(self, web::discovery_json(provider_views(answer), now));
  });
}

void answer_restarts(self_ptr self) {
  ask<restarts>(self, act::state(self).options->supervisor, get_restarts{}, [self](restarts& answer) {
    std::vector<web::restarts_view> actors;
    for (auto& each : answer.children) actors.push_back({each.name, each.restarts, each.last_error});
    finish_json(self, web::restarts_json(actors));
  });
}

std::optional<web::queue_view> queue_view_of(const endpoint_queue& queue) {
  if (queue.name.empty()) return std::nullopt;
  web::queue_view view{queue.blocks, queue.bytes, queue.oldest_created, queue.store_error, {}};
  for (const auto& each : queue.set_aside)
    view.set_aside.push_back({each.sequence, each.since, each.bytes, each.reason});
  return view;
}

void answer_remote_write(self_ptr self) {
  ask_manager<write_status>(self, &managers::write, get_write_status{}, [self](write_status& answer) {
    std::vector<web::endpoint_view> endpoints;
    for (auto& each : answer.endpoints) {
      endpoints.push_back({each.name, each.url, each.samples_pending, each.samples_delivered, each.samples_failed,
                           each.samples_dropped, each.restarts, each.last_error, queue_view_of(each.queue)});
    }
    std::vector<web::orphan_view> orphans;
    for (auto& each : answer.orphans) orphans.push_back({each.name, each.blocks, each.bytes, each.samples});
    finish_json(self, web::remote_write_json(endpoints, orphans));
  });
}

void answer_set_aside(self_ptr self, set_aside_fate fate) {
  const auto& state = act::state(self);
  if (!state.options->lifecycle_enabled) return finish(self, web::text_response(403, "Lifecycle API is not enabled."));
  settle_set_aside order;
  order.endpoint = state.request.query.get("endpoint");
  order.fate = fate;
  auto text = state.request.query.get("sequence");
  auto read = std::from_chars(text.data(), text.data() + text.size(), order.sequence);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size())
    return finish(self, web::api_error(web::error_type::bad_data, "sequence: not a number"));
  ask_manager<set_aside_settled>(self, &managers::write, std::move(order), [self](set_aside_settled& answer) {
    if (answer.found) return finish_json(self, web::done_json());
    finish(self, web::api_error(web::error_type::not_found, "there is no such block"));
  });
}

void answer_page(self_ptr self) {
  const auto& state = act::state(self);
  const auto& options = *state.options;
  switch (state.request.page) {
    case page::home:
      return finish(self, web::redirect_response(options.external.path + "/targets"));
    case page::style:
      return finish(self, {200, "text/css; charset=utf-8", std::string(web::page_style), {}});
    case page::targets_page:
      return answer_targets_page(self);
    case page::healthy:
      return finish(self, web::text_response(200, "Prometheus Agent is Healthy.\n"));
    case page::ready:
      return answer_ready(self);
    case page::reload:
      return answer_reload(self);
    case page::quit:
      return answer_quit(self);
    case page::metrics:
      return answer_metrics(self);
    case page::federate:
      return answer_federate(self);
    case page::version:
      return finish(self, {200, web::json_text, web::version_json(options.build) + '\n', {}});
    case page::targets:
      return answer_targets(self);
    case page::scrape_pools:
      return answer_scrape_pools(self);
    case page::target_metadata:
      return answer_target_metadata(self);
    case page::metadata:
      return answer_metadata(self);
    case page::config:
      return answer_config(self);
    case page::flags:
      return finish_json(self, web::flags_json(options.flags));
    case page::build_info:
      return finish_json(self, web::build_info_json(options.build));
    case page::runtime_info:
      return answer_runtime_info(self);
    case page::discovery:
      return answer_discovery(self);
    case page::restarts:
      return answer_restarts(self);
    case page::remote_write:
      return answer_remote_write(self);
    case page::release_set_aside:
      return answer_set_aside(self, set_aside_fate::release);
    case page::discard_set_aside:
      return answer_set_aside(self, set_aside_fate::discard);
    case page::cluster:
      return answer_cluster(self);
    case page::drain_node:
      return answer_drain_node(self);
    case page::server_only:
      return finish(self, web::api_error(web::error_type::execution, agent_only));
  }
}

// Whether a coordinator leads it says itself.
bool is_answered_elsewhere(const web_request_state& state) {
  const auto& handles = *state.options->handles;
  bool is_own = state.request.page == page::cluster && handles.coordinator.get();
  return !is_own && !path_in_cluster(state.request.page).empty() && handles.elsewhere.get();
}

void on(self_ptr self, answer_request& request) {
  auto& state = act::state(self);
  state.request = std::move(request);
  state.started = std::chrono::steady_clock::now();
  bool gated = needs_ready(state.request.page) || state.request.page == page::ready;
  if (gated && state.request.readiness != readiness::ready) return answer_not_ready(self);
  if (is_answered_elsewhere(state)) return forward(self, [self] { answer_page(self); });
  answer_page(self);
}

web_request_actor::behavior_type web_request(self_ptr self, web_request_options_ptr options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  act::init(self, state.watchers);
  return {
      [self](answer_request& request) { on(self, request); },
  };
}

}  // namespace

web_request_actor spawn_web_request(caf::actor_system& system, web_request_options_ptr options) {
  return system.spawn(web_request, std::move(options));
}

}  // namespace rollcall
