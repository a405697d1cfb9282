#include "actors/write/write_manager.hpp"

#include "lib/http/url.hpp"
#include "lib/log/log.hpp"

#include <algorithm>

namespace rollcall {

namespace {

using manager_impl = act::extended<write_manager_actor, void(endpoint_restart_due), void(endpoint_retired),
                                   void(store_restart_due), void(orphans_due)>;
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
  options.store = state.store.get();
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

// -- the queue store -------------------------------------------------------------------------------------------------

void tell_store(write_manager_state& state) {
  for (auto* list : {&state.endpoints, &state.retiring})
    for (auto& each : *list)
      if (each.actor) act::tell(each.actor.get(), use_queue_store{state.store.get()});
}

void start_store(self_ptr self) {
  auto& state = act::state(self);
  if (!state.options.spawn_store) return;
  state.store = state.options.spawn_store(self->system());
  act::watch(self, state.watchers, state.store.get(), [self](const std::string& error) {
    auto& down = act::state(self);
    down.store.release();
    log::error("write-manager", "The queue store ended; it is started again", {{"err", error}});
    tell_store(down);
    act::tell_self_after(self, down.store_backoff.next(down.options.environment->random_unit()), store_restart_due{});
  });
  tell_store(state);
}

void on(self_ptr self, const store_restart_due&) {
  act::state(self).options.environment->metrics->actor_restarts("queue_store").Increment();
  start_store(self);
}

std::vector<std::string> queues_in_use(const write_manager_state& state) {
  std::vector<std::string> names;
  for (const auto* list : {&state.endpoints, &state.retiring})
    for (const auto& each : *list) names.push_back(each.out->queue_name());
  return names;
}

// Announces what belongs to nobody, once, and drops what has become too old.
void take_orphans(write_manager_state& state, std::vector<stored_queue> found) {
  auto age_max = state.options.bounds.durable.age_max.count();
  auto oldest = age_max > 0 ? state.options.environment->wall_clock() - age_max : INT64_MIN;
  auto has_name = [](const std::string& name) { return [&name](const auto& each) { return each.name == name; }; };
  for (const auto& name : queues_in_use(state)) std::erase_if(found, has_name(name));
  std::vector<stored_queue> kept;
  for (auto& each : found) {
    auto samples = std::to_string(each.samples);
    if (each.set_aside == 0 && (each.blocks == 0 || each.newest_created < oldest)) {
      if (each.blocks > 0) {
        log::error("write-manager", "What a removed endpoint left is too old and dropped",
                   {{"remote_name", each.name}, {"samples", samples}});
      }
      act::tell(state.store.get(), drop_queue{each.name});
      continue;
    }
    if (std::none_of(state.orphans.begin(), state.orphans.end(), has_name(each.name))) {
      log::warn("write-manager", "Samples are kept for an endpoint that is not configured",
                {{"remote_name", each.name}, {"samples", samples}});
    }
    kept.push_back(std::move(each));
  }
  state.orphans = std::move(kept);
}

void on(self_ptr self, const orphans_due& due) {
  auto& state = act::state(self);
  if (due.generation != state.orphans_generation || !state.store) return;
  act::ask(self, state.store.get(), state.options.orphans_interval, get_queues{queues_in_use(state)})
      .then(
          [self](stored_queues& answer) {
            auto& now = act::state(self);
            if (answer.error.empty() && now.store) take_orphans(now, std::move(answer.queues));
          },
          [](const caf::error&) {});
  act::tell_self_after(self, state.options.orphans_interval, orphans_due{++state.orphans_generation});
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
    log::write(state.store ? log::level::warn : log::level::error, "write-manager",
               state.store ? "A removed endpoint leaves samples, which stay on disk"
                           : "Failed to flush all samples of a removed endpoint",
               {{"remote_name", gone->settings->config.name}, {"count", std::to_string(over.samples_left)}});
  }
  act::unwatch(self, state.watchers, gone->actor.get());
  shelve(state);
  if (state.store) act::tell(manager_impl{self}, orphans_due{++state.orphans_generation});
}

// What is on disk goes by the name, whatever else is changed; no two endpoints may have one queue.
void keep_by_name(write_manager_state& state, const std::vector<write_settings_ptr>& wanted,
                  std::vector<endpoint>& before, std::vector<std::optional<endpoint>>& chosen) {
  for (size_t i = 0; i < wanted.size(); ++i) {
    auto has_its_queue = [&](const endpoint& each) { return each.out->queue_name() == wanted[i]->config.name; };
    if (!chosen[i]) chosen[i] = take_if(before, has_its_queue);
    if (!chosen[i]) chosen[i] = take_if(state.retiring, has_its_queue);
  }
}

// An entry goes on with the endpoint that has the same settings; failing that, with one of the same receiver and name.
// Then comes one of the same name where there are queues on disk, elsewhere one of the same receiver, as the name
// follows from the entry's content when none is given.
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
  if (state.options.spawn_store) {
    keep_by_name(state, wanted, before, chosen);
  } else {
    choose([](const write_settings& a, const write_settings& b) { return a.config.url == b.config.url; });
  }
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
  if (state.options.spawn_store) act::tell(manager_impl{self}, orphans_due{++state.orphans_generation});
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

caf::result<set_aside_settled> on(self_ptr self, const settle_set_aside& order) {
  auto& state = act::state(self);
  auto promise = self->make_response_promise<set_aside_settled>();
  auto found = std::find_if(state.endpoints.begin(), state.endpoints.end(),
                            [&](const endpoint& each) { return each.settings->config.name == order.endpoint; });
  if (found == state.endpoints.end() || !found->actor) {
    promise.deliver(set_aside_settled{});
    return promise;
  }
  act::ask(self, found->actor.get(), state.options.answer_timeout, order)
      .then([promise](const set_aside_settled& outcome) mutable { promise.deliver(outcome); },
            [promise](caf::error& error) mutable { promise.deliver(std::move(error)); });
  return promise;
}

caf::result<write_status> on(self_ptr self, const get_write_status&) {
  auto& state = act::state(self);
  auto promise = self->make_response_promise<write_status>();
  write_status known;
  known.orphans = state.orphans;
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
  state.store_backoff = backoff(state.options.restart_backoff);
  start_store(self);
  return {
      [self](const apply_remote_write& order) { on(self, order); },
      [self](const use_services& order) { on(self, order); },
      [self](const flush& order) { return on(self, order); },
      [self](const get_write_status& question) { return on(self, question); },
      [self](const endpoint_restart_due& due) { on(self, due); },
      [self](const settle_set_aside& order) { return on(self, order); },
      [self](const endpoint_retired& over) { on(self, over); },
      [self](const store_restart_due& due) { on(self, due); },
      [self](const orphans_due& due) { on(self, due); },
  };
}

}  // namespace

write_manager_actor spawn_write_manager(caf::actor_system& system, write_manager_options options) {
  return system.spawn(write_manager, std::move(options));
}

}  // namespace rollcall
