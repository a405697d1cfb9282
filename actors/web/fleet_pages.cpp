#include "actors/web/fleet_pages.hpp"

#include "actors/web/cluster_views.hpp"
#include "actors/web/discovery_views.hpp"
#include "actors/web/fleet_view.hpp"
#include "actors/web/target_views.hpp"
#include "lib/labels/label_texts.hpp"
#include "lib/web/federate.hpp"
#include "lib/web/html.hpp"
#include "lib/web/metadata_json.hpp"
#include "lib/web/targets_page.hpp"

namespace rollcall {

namespace {

using self_ptr = web_request_ptr;

constexpr std::string_view no_coordinator = "this process is no coordinator";

// Asks the workers of this coordinator; without one there is nothing to add.
template <class Then>
void ask_fleet(self_ptr self, loops_question about, Then then) {
  auto& state = act::state(self);
  auto coordinator = state.options->handles->coordinator.get();
  if (!coordinator) {
    fleet_report nothing;
    return then(nothing);
  }
  ask<fleet_report>(self, coordinator, get_fleet_report{std::move(about)}, [self, then](fleet_report& report) {
    auto& warnings = act::state(self).warnings;
    for (auto& each : warnings_of(report)) warnings.push_back(std::move(each));
    then(report);
  });
}

// Asks for targets, and when they are placed in a cluster for where they are and how they fare there.
template <class Then>
void ask_targets(self_ptr self, const scrape_manager_actor& scrape, get_targets question, Then then) {
  auto job = question.job;
  ask<targets>(self, scrape, std::move(question), [self, job, then](targets& answer) {
    auto all = std::make_shared<targets>(std::move(answer));
    auto coordinator = act::state(self).options->handles->coordinator.get();
    auto keys = placed_keys(*all);
    if (!coordinator || keys.empty()) return then(*all, fleet_view{});
    ask<places>(self, coordinator, get_places{std::move(keys)}, [self, job, all, then](places& found) {
      auto where = std::make_shared<places>(std::move(found));
      loops_question about{loops_topic::statuses, job, {}, {}, {}};
      ask_fleet(self, std::move(about),
                [all, where, then](fleet_report& report) { then(*all, merge(*all, *where, std::move(report))); });
    });
  });
}

void show_targets(self_ptr self, const scrape_manager_actor& scrape, const std::vector<web::provider_view>& providers) {
  auto filter = web::targets_filter::from(act::state(self).request.query);
  ask_targets(self, scrape, get_targets{filter.job}, [self, filter, providers](const targets& all, fleet_view fleet) {
    const auto& options = *act::state(self).options;
    auto now = options.environment->wall_clock();
    auto jobs = job_views(all, fleet);
    auto notes = web::discovery_notes(providers, now);
    for (auto& job : jobs) job.note = notes[std::string(job.job)];
    finish(self, web::html_response(web::targets_page(filter, options.external.path, now).render(jobs)));
  });
}

// The samples of this process's own loops, and those of the workers of a coordinator.
void write_federation(self_ptr self, std::vector<web::selector> selectors, const labels& external_labels) {
  const auto& options = *act::state(self).options;
  auto federation = std::make_shared<web::federation>(
      std::move(selectors), web::federation::options{.external_labels = external_labels,
                                                     .now = options.environment->wall_clock(),
                                                     .series_max = options.federate_series_max});
  auto refuse = [self](const error& why) { finish(self, web::error_response(422, why.message)); };
  loops_question about{loops_topic::samples, {}, {}, {}, texts_of(external_labels)};
  for (auto each : act::state(self).request.query.all("match[]")) about.selectors.emplace_back(each);
  ask_manager<latest>(self, &managers::scrape, get_latest{}, [self, federation, about, refuse](latest& answer) {
    for (const auto& batch : answer.batches) {
      if (!batch) continue;
      if (auto done = federation->add(*batch); !done) return refuse(done.error());
    }
    ask_fleet(self, about, [self, federation, refuse](fleet_report& report) {
      if (auto done = federation->add(std::move(report.samples)); !done) return refuse(done.error());
      finish(self, {200, web::exposition_text, federation->finish(), {}});
    });
  });
}

// The metadata of this process's own loops, and of the workers of a coordinator.
template <class Then>
void ask_metadata(self_ptr self, Then then) {
  std::string metric(act::state(self).request.query.get("metric"));
  ask_manager<known_metadata>(self, &managers::scrape, get_metadata{}, [self, metric, then](known_metadata& answer) {
    auto all = std::make_shared<known_metadata>(std::move(answer));
    ask_fleet(self, {loops_topic::metadata, {}, metric, {}, {}}, [all, then](fleet_report& report) {
      all->targets.insert(all->targets.end(), report.metadata.begin(), report.metadata.end());
      then(*all);
    });
  });
}

}  // namespace

void answer_federate(web_request_ptr self) {
  auto& state = act::state(self);
  if (const auto& malformed = state.request.query.malformed()) {
    return finish(self, web::error_response(400, "error parsing form values: " + malformed->message));
  }
  auto selectors = web::parse_selectors(state.request.query.all("match[]"));
  if (!selectors) return finish(self, web::error_response(400, selectors.error().message));
  auto chosen = std::make_shared<std::vector<web::selector>>(std::move(*selectors));
  ask<config_in_force>(self, state.options->reloader, get_config{}, [self, chosen](config_in_force& in_force) {
    write_federation(self, std::move(*chosen), in_force.config ? in_force.config->global.external_labels : labels());
  });
}

void answer_targets(web_request_ptr self) {
  const auto& query = act::state(self).request.query;
  auto wanted = web::targets_wanted::from(query.get("state"));
  get_targets question{std::string(query.get("scrapePool")), wanted.active, wanted.dropped};
  ask<managers>(self, act::state(self).options->supervisor, get_managers{}, [self, question, wanted](managers& all) {
    ask_targets(self, all.scrape, question, [self, wanted](const targets& answer, const fleet_view& fleet) {
      finish_json(self, write_targets_json(answer, fleet, act::state(self).options->external, wanted));
    });
  });
}

// The targets are shown also when discovery has nothing to say.
void answer_targets_page(web_request_ptr self) {
  const auto& options = *act::state(self).options;
  ask<managers>(self, options.supervisor, get_managers{}, [self](managers& all) {
    auto scrape = all.scrape;
    if (!all.discovery) return show_targets(self, scrape, {});
    act::ask(self, all.discovery, act::state(self).options->answer_timeout, get_discovery_status{})
        .then([self, scrape](const discovery_status& status) { show_targets(self, scrape, provider_views(status)); },
              [self, scrape](const caf::error&) { show_targets(self, scrape, {}); });
  });
}

void answer_scrape_pools(web_request_ptr self) {
  ask_manager<scrape_pools>(self, &managers::scrape, get_scrape_pools{},
                            [self](scrape_pools& answer) { finish_json(self, web::scrape_pools_json(answer.jobs)); });
}

void answer_target_metadata(web_request_ptr self) {
  auto asked = web::target_metadata_json::from(act::state(self).request.query);
  if (!asked) return finish(self, web::api_error(web::error_type::bad_data, asked.error().message));
  auto json = std::make_shared<web::target_metadata_json>(std::move(*asked));
  ask_metadata(self, [self, json](const known_metadata& answer) {
    for (const auto& each : answer.targets) json->add(*each.target, *each.families);
    if (auto body = json->finish()) return finish_json(self, std::move(*body));
    finish(self, web::api_error(web::error_type::not_found, "specified metadata not found"));
  });
}

void answer_metadata(web_request_ptr self) {
  auto asked = web::metadata_json::from(act::state(self).request.query);
  if (!asked) return finish(self, web::api_error(web::error_type::bad_data, asked.error().message));
  auto json = std::make_shared<web::metadata_json>(std::move(*asked));
  ask_metadata(self, [self, json](const known_metadata& answer) {
    for (const auto& each : answer.targets) json->add(*each.families);
    finish_json(self, json->finish());
  });
}

void answer_cluster(web_request_ptr self) {
  const auto& handles = *act::state(self).options->handles;
  auto show = [self](cluster_view& answer) { finish_json(self, write_cluster_json(answer)); };
  if (auto coordinator = handles.coordinator.get()) return ask<cluster_view>(self, coordinator, get_cluster{}, show);
  if (auto worker = handles.worker.get()) return ask<cluster_view>(self, worker, get_cluster{}, show);
  finish(self, web::api_error(web::error_type::not_found, no_coordinator));
}

void answer_drain_node(web_request_ptr self) {
  const auto& state = act::state(self);
  auto coordinator = state.options->handles->coordinator.get();
  if (!state.options->lifecycle_enabled) return finish(self, web::text_response(403, "Lifecycle API is not enabled."));
  if (!coordinator) return finish(self, web::api_error(web::error_type::not_found, no_coordinator));
  ask<node_drained>(self, coordinator, drain_node{std::string(state.request.query.get("node"))},
                    [self](node_drained& answer) {
                      if (answer.found) return finish_json(self, web::done_json());
                      finish(self, web::api_error(web::error_type::not_found, "there is no such worker"));
                    });
}

}  // namespace rollcall
