#include "actors/write/write_manager.hpp"

#include "lib/http/url.hpp"
#include "lib/log/log.hpp"

#include <algorithm>

namespace rollcall {

namespace {

using manager_impl = act::extended<write_manager_actor, void(endpoint_restart_due), void(endpoint_retired)>;
using self_ptr = act::self_ptr<manager_impl, write_manager_state>;
using endpoint = write_manager_state::endpoint;

void on_endpoint_down(self_ptr self, uint64_t id, const std::string& error);

endpoint* find(write_manager_state& state, uint64_t id) {
  for (auto* list : {&state.endpoints, &state.retiring}) {
    for (auto& each : *list)
      if (each.id == id) return &each;
  }
  return nullptr;
}

uint64_t pending_of(const endpoint& each) {
  std::lock_guard lock(each.out->mutex);
  return each.out->samples_pending();
}

// -- starting and announcing -----------------------------------------------------------------------------------------

void start(self_ptr self, endpoint& each) {
  auto& state = act::state(self);
  if (each.started != 0) {
    ++each.restarts;
    state.options.environment->metrics->actor_restarts("write_endpoint").Increment();
  }
  each.started = state.options.environment->wall_clock();
  write_endpoint_options options;
  options.out = each.out;
  options.services = state.options.services;
  options.environment = state.options.environment;
  each.actor = state.options.spawn_endpoint(self->system(), std::move(options));
  act::watch(self, state.watchers, each.actor.get(),
             [self, id = each.id](const std::string& error) { on_endpoint_down(self, id, error); });
}

void announce(self_ptr self) {
  auto& state = act::state(self);
  std::vector<sample_sink_actor> sinks;
  for (const auto& each : state.endpoints)
    if (each.actor) sinks.push_back(each.actor.get());
  if (state.announced_once && sinks == state.announced) return;
  state.announced_once = true;
  state.announced = sinks;
  act::tell(state.options.registry, sinks_changed{std::move(sinks)});
}

void shelve(write_manager_state& state) {
  state.options.shelf->clear();
  for (const auto* list : {&state.endpoints, &state.retiring})
    for (const auto& each : *list) state.options.shelf->push_back(each.out);
}

// An endpoint that was well for a while is back before the next scrape; one that is not is given time.
void on_endpoint_down(self_ptr self, uint64_t id, const std::string& error) {
  auto& state = act::state(self);
  auto* each = find(state, id);
  if (!each) return;
  each->actor.release();
  each->last_error = error.empty() ? "ended without being asked to" : error;
  auto lived = state.options.environment->wall_clock() - each->started;
  bool was_well = lived >= state.options.healthy_after.count();
  milliseconds delay{0};
  if (was_well) {
    each->restart_backoff.reset();
    start(self, *each);
  } else {
    delay = each->restart_backoff.next(state.options.environment->random_unit());
    act::tell_self_after(self, delay, endpoint_restart_due{id});
  }
  log::error("write-manager", "Write endpoint ended; what it had queued is kept",
             {{"remote_name", each->settings->config.name},
              {"err", each->last_error},
              {"restart_in", format_duration(delay)}});
  announce(self);
}

void on(self_ptr self, const endpoint_restart_due& due) {
  auto& state = act::state(self);
  auto* each = find(state, due.endpoint);
  if (!each || each->actor) return;
  start(self, *each);
  announce(self);
}

// -- configuration ---------------------------------------------------------------------------------------------------

// Of those that match, takes one out of the list.
template <class Predicate>
std::optional<endpoint> take_if(std::vector<endpoint>& list, Predicate matches) {
  auto found = std::find_if(list.begin(), list.end(), matches);
  if (found == list.end()) return std::nullopt;
  auto taken = std::move(*found);
  list.erase(found);
  return taken;
}

endpoint make_endpoint(write_manager_state& state, write_settings_ptr settings, outbox_ptr out) {
  endpoint made;
  made.id = ++state.last_id;
  made.settings = std::move(settings);
  made.out = std::move(out);
  made.restart_backoff = backoff(state.options.restart_backoff);
  return made;
}

void reload(self_ptr self, endpoint& each, const write_settings_ptr& settings) {
  if (*each.settings == *settings) return;
  each.settings = settings;
  if (each.actor) return act::tell(each.actor.get(), reload_endpoint{settings});
  std::lock_guard lock(each.out->mutex);
  each.out->reload(settings, *act::state(self).options.environment);
}

// It delivers what it has, for a while, beside those that go on.
void retire(self_ptr self, endpoint each) {
  auto& state = act::state(self);
  if (!each.actor && pending_of(each) == 0) return;
  if (!each.actor) start(self, each);
  auto deadline = state.options.retire_deadline;
  auto id = each.id;
  auto me = manager_impl{self};
  act::ask(self, each.actor.get(), deadline + state.options.answer_timeout, flush{deadline})
      .then([me, id](const flushed& result) { act::tell(me, endpoint_retired{id, result.samples_left}); },
            [self, me, id](const caf::error&) {
              auto* left = find(act::state(self), id);
              act::tell(me, endpoint_retired{id, left ? pending_of(*left) : 0});
            });
  state.retiring.push_back(std::move(each));
}

void on(self_ptr self, const endpoint_retired& over) {
  auto& state = act::state(self);
  auto gone = take_if(state.retiring, [&](const endpoint& each) { return each.id == over.endpoint; });
  if (!gone) return;
  if (over.samples_left > 0) {
    log::error("write-manager", "Failed to flush all samples of a removed endpoint",
               {{"remote_name", gone->settings->config.name}, {"count", std::to_string(over.samples_left)}});
  }
  act::unwatch(self, state.watchers, gone->actor.get());
  shelve(state);
}

// An entry goes on with the endpoint that has the same settings; failing that, with one of the same receiver, first of
// the same name too, as the name follows from the entry's content when none is given.
void on(self_ptr self, const apply_remote_write& order) {
  auto& state = act::state(self);
  std::vector<write_settings_ptr> wanted;
  for (const auto& config : order.config->remote_writes) {
    wanted.push_back(std::make_shared<const write_settings>(write_settings{
        config, order.config->global.external_labels, order.config->global.metric_name_validation_scheme}));
  }
  auto before = std::exchange(state.endpoints, {});
  std::vector<std::optional<endpoint>> chosen(wanted.size());
  auto choose = [&](auto matches) {
    for (size_t i = 0; i < wanted.size(); ++i) {
      if (chosen[i]) continue;
      chosen[i] = take_if(before, [&](const endpoint& each) { return matches(*each.settings, *wanted[i]); });
    }
  };
  choose([](const write_settings& a, const write_settings& b) { return a == b; });
  choose([](const write_settings& a, const write_settings& b) {
    return a.config.url == b.config.url && a.config.name == b.config.name;
  });
  choose([](const write_settings& a, const write_settings& b) { return a.config.url == b.config.url; });
  for (auto& removed : before) retire(self, std::move(removed));
  for (size_t i = 0; i < wanted.size(); ++i) {
    bool fresh = !chosen[i];
    if (fresh) {
      auto out = std::make_shared<outbox>(wanted[i], state.options.bounds, *state.options.environment);
      chosen[i] = make_endpoint(state, wanted[i], std::move(out));
    }
    reload(self, *chosen[i], wanted[i]);
    // One that crashed waits for its restart; one from the shelf was never started by this manager.
    if (chosen[i]->started == 0) start(self, *chosen[i]);
    state.endpoints.push_back(std::move(*chosen[i]));
  }
  shelve(state);
  announce(self);
}

void on(self_ptr self, const use_services& order) {
  auto& state = act::state(self);
  state.options.services = order.services;
  for (auto* list : {&state.endpoints, &state.retiring})
    for (auto& each : *list)
      if (each.actor) act::tell(each.actor.get(), order);
}

// -- questions -------------------------------------------------------------------------------------------------------

caf::result<flushed> on(self_ptr self, const flush& order) {
  auto& state = act::state(self);
  auto promise = self->make_response_promise<flushed>();
  std::vector<write_endpoint_actor> actors;
  std::vector<outbox_ptr> outs;
  for (auto* list : {&state.endpoints, &state.retiring}) {
    for (auto& each : *list) {
      // There may be no later time for a restart.
      if (!each.actor) start(self, each);
      actors.push_back(each.actor.get());
      outs.push_back(each.out);
    }
  }
  announce(self);
  act::ask_all<flushed>(self, actors, order.deadline + state.options.answer_timeout, order,
                        [promise, outs](auto& answers) mutable {
                          flushed all;
                          for (size_t i = 0; i < outs.size(); ++i) {
                            std::lock_guard lock(outs[i]->mutex);
                            all.samples_left += answers[i] ? answers[i]->samples_left : outs[i]->samples_pending();
                          }
                          promise.deliver(all);
                        });
  return promise;
}

caf::result<write_status> on(self_ptr self, const get_write_status&) {
  auto& state = act::state(self);
  auto promise = self->make_response_promise<write_status>();
  write_status known;
  std::vector<write_endpoint_actor> actors;
  for (const auto& each : state.endpoints) {
    std::lock_guard lock(each.out->mutex);
    auto& status = known.endpoints.emplace_back(each.out->status());
    status.restarts = each.restarts;
    if (!each.actor) status.last_error = each.last_error;
    actors.push_back(each.actor.get());
  }
  act::ask_all<endpoint_status>(self, actors, state.options.answer_timeout, get_endpoint_status{},
                                [promise, known](auto& answers) mutable {
                                  for (size_t i = 0; i < answers.size(); ++i) {
                                    if (!answers[i]) continue;
                                    auto restarts = known.endpoints[i].restarts;
                                    known.endpoints[i] = std::move(*answers[i]);
                                    known.endpoints[i].restarts = restarts;
                                  }
                                  promise.deliver(std::move(known));
                                });
  return promise;
}

act::behavior_of<manager_impl> write_manager(self_ptr self, write_manager_options options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  act::init(self, state.watchers);
  for (const auto& out : *state.options.shelf) {
    std::lock_guard lock(out->mutex);
    auto settings = std::make_shared<const write_settings>(out->settings());
    state.endpoints.push_back(make_endpoint(state, std::move(settings), out));
  }
  return {
      [self](const apply_remote_write& order) { on(self, order); },
      [self](const use_services& order) { on(self, order); },
      [self](const flush& order) { return on(self, order); },
      [self](const get_write_status& question) { return on(self, question); },
      [self](const endpoint_restart_due& due) { on(self, due); },
      [self](const endpoint_retired& over) { on(self, over); },
  };
}

}  // namespace

write_manager_actor spawn_write_manager(caf::actor_system& system, write_manager_options options) {
  return system.spawn(write_manager, std::move(options));
}

}  // namespace rollcall
