#include "actors/web/web_request.hpp"

#include "actors/web/cluster_views.hpp"
#include "actors/web/discovery_views.hpp"
#include "actors/web/target_views.hpp"
#include "lib/web/compress.hpp"
#include "lib/web/federate.hpp"
#include "lib/web/html.hpp"
#include "lib/web/metadata_json.hpp"
#include "lib/web/targets_page.hpp"

#include <unistd.h>

#include <charconv>
#include <filesystem>

namespace rollcall {

namespace {

using self_ptr = act::self_ptr<web_request_actor, web_request_state>;

constexpr std::string_view agent_only = "unavailable with Prometheus Agent";
constexpr std::string_view no_coordinator = "this process is no coordinator";

bool is_api(page page) { return page >= page::targets; }

// -- answering -------------------------------------------------------------------------------------------------------

void finish(self_ptr self, web::response response) {
  auto& state = act::state(self);
  auto& exchange = *state.request.exchange;
  const auto& asked = exchange.request();
  if (is_api(state.request.page)) state.options->cors.apply(response, asked.origin);
  web::compress(response, asked.accept_encoding);
  if (auto& metrics = state.request.metrics) {
    metrics->requests(response.status).Increment();
    metrics->response_size.Observe(static_cast<double>(response.body.size()));
    std::chrono::duration<double> took = std::chrono::steady_clock::now() - state.started;
    metrics->duration.Observe(took.count());
  }
  exchange.answer(std::move(response));
  self->quit();
}

void finish_json(self_ptr self, std::string body) { finish(self, web::api_success(std::move(body))); }

/// Says that somebody who was asked did not answer.
void finish_unanswered(self_ptr self, const caf::error& error) {
  bool late = error == caf::sec::request_timeout;
  std::string why =
      late ? "no answer in time: the process is overloaded" : "temporarily unavailable: an actor restarts";
  if (is_api(act::state(self).request.page)) {
    return finish(self, web::api_error(late ? web::error_type::timeout : web::error_type::unavailable, why));
  }
  finish(self, web::error_response(503, why));
}

// -- asking ----------------------------------------------------------------------------------------------------------

template <class Answer, class Handle, class Question, class Then>
void ask_within(self_ptr self, std::chrono::milliseconds timeout, const Handle& whom, Question question, Then then) {
  if (!whom) return finish_unanswered(self, caf::sec::request_receiver_down);
  act::ask(self, whom, timeout, std::move(question))
      .then([then](Answer& answer) { then(answer); }, [self](caf::error& error) { finish_unanswered(self, error); });
}

template <class Answer, class Handle, class Question, class Then>
void ask(self_ptr self, const Handle& whom, Question question, Then then) {
  ask_within<Answer>(self, act::state(self).options->answer_timeout, whom, std::move(question), then);
}

/// Asks the supervisor for a manager, and that for something.
template <class Answer, class Handle, class Question, class Then>
void ask_manager(self_ptr self, Handle managers::* which, Question question, Then then) {
  ask<managers>(self, act::state(self).options->supervisor, get_managers{},
                [=](managers& all) { ask<Answer>(self, all.*which, question, then); });
}

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

void answer_federate(self_ptr self) {
  auto& state = act::state(self);
  if (const auto& malformed = state.request.query.malformed()) {
    return finish(self, web::error_response(400, "error parsing form values: " + malformed->message));
  }
  auto selectors = web::parse_selectors(state.request.query.all("match[]"));
  if (!selectors) return finish(self, web::error_response(400, selectors.error().message));
  auto gathered = std::make_shared<std::vector<web::selector>>(std::move(*selectors));
  auto write = [self, gathered](const labels& external_labels, const latest& answer) {
    const auto& options = *act::state(self).options;
    web::federation federation(std::move(*gathered), {.external_labels = external_labels,
                                                      .now = options.environment->wall_clock(),
                                                      .series_max = options.federate_series_max});
    for (const auto& batch : answer.batches) {
      if (!batch) continue;
      if (auto done = federation.add(*batch); !done)
        return finish(self, web::error_response(422, done.error().message));
    }
    finish(self, {200, web::exposition_text, federation.finish(), {}});
  };
  ask<config_in_force>(self, state.options->reloader, get_config{}, [self, write](config_in_force& in_force) {
    labels external_labels = in_force.config ? in_force.config->global.external_labels : labels();
    ask_manager<latest>(self, &managers::scrape, get_latest{},
                        [write, external_labels](latest& answer) { write(external_labels, answer); });
  });
}

void answer_targets(self_ptr self) {
  const auto& query = act::state(self).request.query;
  auto wanted = web::targets_wanted::from(query.get("state"));
  get_targets question{std::string(query.get("scrapePool")), wanted.active, wanted.dropped};
  ask_manager<targets>(self, &managers::scrape, std::move(question), [self, wanted](targets& answer) {
    finish_json(self, write_targets_json(answer, act::state(self).options->external, wanted));
  });
}

void show_targets(self_ptr self, const scrape_manager_actor& scrape, const std::vector<web::provider_view>& providers) {
  auto filter = web::targets_filter::from(act::state(self).request.query);
  ask<targets>(self, scrape, get_targets{filter.job}, [self, filter, providers](targets& answer) {
    const auto& options = *act::state(self).options;
    auto now = options.environment->wall_clock();
    auto jobs = job_views(answer);
    auto notes = web::discovery_notes(providers, now);
    for (auto& job : jobs) job.note = notes[std::string(job.job)];
    finish(self, web::html_response(web::targets_page(filter, options.external.path, now).render(jobs)));
  });
}

// The targets are shown also when discovery has nothing to say.
void answer_targets_page(self_ptr self) {
  const auto& options = *act::state(self).options;
  ask<managers>(self, options.supervisor, get_managers{}, [self](managers& all) {
    auto scrape = all.scrape;
    if (!all.discovery) return show_targets(self, scrape, {});
    act::ask(self, all.discovery, act::state(self).options->answer_timeout, get_discovery_status{})
        .then([self, scrape](const discovery_status& status) { show_targets(self, scrape, provider_views(status)); },
              [self, scrape](const caf::error&) { show_targets(self, scrape, {}); });
  });
}

void answer_scrape_pools(self_ptr self) {
  ask_manager<scrape_pools>(self, &managers::scrape, get_scrape_pools{},
                            [self](scrape_pools& answer) { finish_json(self, web::scrape_pools_json(answer.jobs)); });
}

void answer_target_metadata(self_ptr self) {
  auto asked = web::target_metadata_json::from(act::state(self).request.query);
  if (!asked) return finish(self, web::api_error(web::error_type::bad_data, asked.error().message));
  auto json = std::make_shared<web::target_metadata_json>(std::move(*asked));
  ask_manager<known_metadata>(self, &managers::scrape, get_metadata{}, [self, json](known_metadata& answer) {
    for (const auto& each : answer.targets) json->add(*each.target, *each.families);
    if (auto body = json->finish()) return finish_json(self, std::move(*body));
    finish(self, web::api_error(web::error_type::not_found, "specified metadata not found"));
  });
}

void answer_metadata(self_ptr self) {
  auto asked = web::metadata_json::from(act::state(self).request.query);
  if (!asked) return finish(self, web::api_error(web::error_type::bad_data, asked.error().message));
  auto json = std::make_shared<web::metadata_json>(std::move(*asked));
  ask_manager<known_metadata>(self, &managers::scrape, get_metadata{}, [self, json](known_metadata& answer) {
    for (const auto& each : answer.targets) json->add(*each.families);
    finish_json(self, json->finish());
  });
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

void answer_cluster(self_ptr self) {
  const auto& cluster = act::state(self).options->cluster;
  if (!cluster) return finish(self, web::api_error(web::error_type::not_found, no_coordinator));
  ask<cluster_view>(self, cluster, get_cluster{},
                    [self](cluster_view& answer) { finish_json(self, write_cluster_json(answer)); });
}

void answer_drain_node(self_ptr self) {
  const auto& state = act::state(self);
  const auto& cluster = state.options->cluster;
  if (!state.options->lifecycle_enabled) return finish(self, web::text_response(403, "Lifecycle API is not enabled."));
  if (!cluster) return finish(self, web::api_error(web::error_type::not_found, no_coordinator));
  ask<node_drained>(self, cluster, drain_node{std::string(state.request.query.get("node"))},
                    [self](node_drained& answer) {
                      if (answer.found) return finish_json(self, web::done_json());
                      finish(self, web::api_error(web::error_type::not_found, "there is no such worker"));
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

void on(self_ptr self, answer_request& request) {
  auto& state = act::state(self);
  state.request = std::move(request);
  state.started = std::chrono::steady_clock::now();
  bool gated = needs_ready(state.request.page) || state.request.page == page::ready;
  if (gated && state.request.readiness != readiness::ready) return answer_not_ready(self);
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
