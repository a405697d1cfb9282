#include "actors/discovery/discovery_manager.hpp"

#include "lib/log/log.hpp"
#include "lib/telemetry/telemetry.hpp"

#include <atomic>

namespace rollcall {

namespace {

using manager_impl = act::extended<discovery_manager_actor, void(trigger_send), void(provider_restart_due)>;
using self_ptr = act::self_ptr<manager_impl, discovery_manager_state>;
using provider_entry = discovery_manager_state::provider_entry;
using job_entry = discovery_manager_state::job_entry;

// Unique within the process: a sync sink may still hold groups that it has from an earlier manager.
provider_id next_provider_id() {
  static std::atomic<provider_id> last{0};
  return ++last;
}

target_group_ptr empty_group(std::string source) {
  auto group = std::make_shared<target_group>();
  group->source = std::move(source);
  return group;
}

// Asks for a sync soon: at once after quiet, later and later under a storm of changes.
void trigger(self_ptr self) {
  auto& state = act::state(self);
  if (auto due = state.send_debounce.on_change(self->clock().now())) act::tell_self_at(self, *due, trigger_send{});
}

// -- providers --------------------------------------------------------------------------------------------------------

void start_provider(self_ptr self, provider_id id) {
  auto& state = act::state(self);
  auto& entry = state.providers.at(id);
  target_sink_actor me = manager_impl{self};
  entry.started = state.options.environment->wall_clock();
  entry.actor = state.options.spawn_provider(self->system(), {.id = id,
                                                              .configuration = entry.configuration,
                                                              .job = entry.first_job,
                                                              .sink = me,
                                                              .services = state.options.services,
                                                              .environment = state.options.environment,
                                                              .spawn_discoverer = state.options.spawn_discoverer});
  act::watch(self, state.watchers, entry.actor.get(), [self, id](const std::string& error) {
    auto& state = act::state(self);
    auto found = state.providers.find(id);
    if (found == state.providers.end()) return;
    found->second.actor.release();
    auto up = state.options.environment->wall_clock() - found->second.started;
    if (up >= state.options.healthy_after.count()) found->second.restart_backoff.reset();
    auto delay = found->second.restart_backoff.next(state.options.environment->random_unit());
    log::error("discovery-manager", "Provider ended; it is started again",
               {{"mechanism", found->second.configuration.mechanism}, {"err", error}});
    act::tell_self_after(self, delay, provider_restart_due{id});
  });
}

void on(self_ptr self, const provider_restart_due& due) {
  auto& state = act::state(self);
  auto found = state.providers.find(due.id);
  if (found == state.providers.end() || found->second.actor) return;
  ++found->second.restarts;
  state.options.environment->metrics->actor_restarts("provider").Increment();
  start_provider(self, due.id);
}

provider_id provider_for(self_ptr self, const sd_config& configuration, const std::string& job) {
  auto& state = act::state(self);
  for (auto& [id, entry] : state.providers)
    if (entry.configuration == configuration) return id;
  auto id = next_provider_id();
  auto& entry = state.providers[id];
  entry.configuration = configuration;
  entry.first_job = job;
  entry.restart_backoff = backoff(state.options.restart_backoff);
  start_provider(self, id);
  return id;
}

void stop_unused_providers(self_ptr self) {
  auto& state = act::state(self);
  std::erase_if(state.providers, [&](auto& each) {
    auto& entry = each.second;
    if (!entry.jobs.empty()) return false;
    act::unwatch(self, state.watchers, entry.actor.get());
    return true;
  });
}

// -- jobs -------------------------------------------------------------------------------------------------------------

void unsubscribe(discovery_manager_state& state, const std::string& name, job_entry& job, provider_id id) {
  auto& entry = state.providers.at(id);
  entry.jobs.erase(name);
  job.providers.erase(id);
  std::erase_if(job.dirty, [&](const auto& each) { return each.first == id; });
  for (const auto& group : entry.groups) job.withdrawn.push_back({id, empty_group(group->source)});
}

void subscribe(discovery_manager_state& state, const std::string& name, job_entry& job, provider_id id) {
  auto& entry = state.providers.at(id);
  entry.jobs.insert(name);
  job.providers.insert(id);
  for (const auto& group : entry.groups) job.dirty.emplace(id, group->source);
}

void remove_jobs(discovery_manager_state& state, const std::set<std::string>& wanted) {
  std::erase_if(state.jobs, [&](auto& each) {
    auto& [name, job] = each;
    if (wanted.contains(name)) return false;
    for (auto id : job.providers) state.providers.at(id).jobs.erase(name);
    return true;
  });
}

void on(self_ptr self, const apply_discovery& order) {
  auto& state = act::state(self);
  std::set<std::string> names;
  for (const auto& job : order.jobs) names.insert(job.job);
  remove_jobs(state, names);
  for (const auto& wanted : order.jobs) {
    auto& job = state.jobs[wanted.job];
    std::set<provider_id> ids;
    for (const auto& configuration : wanted.mechanisms) ids.insert(provider_for(self, configuration, wanted.job));
    auto before = job.providers;
    for (auto id : before)
      if (!ids.contains(id)) unsubscribe(state, wanted.job, job, id);
    for (auto id : ids)
      if (!before.contains(id)) subscribe(state, wanted.job, job, id);
  }
  stop_unused_providers(self);
  trigger(self);
}

// -- flow -------------------------------------------------------------------------------------------------------------

void on(self_ptr self, update& change) {
  auto& state = act::state(self);
  state.options.environment->metrics->discovery.received_updates.Increment();
  auto found = state.providers.find(change.origin);
  if (found == state.providers.end()) return;
  auto& entry = found->second;
  entry.delivered = true;
  auto mark = [&](const std::string& source) {
    for (const auto& name : entry.jobs) state.jobs.at(name).dirty.emplace(change.origin, source);
  };
  if (change.complete) {
    // Of a provider that was restarted: what it does not name is gone.
    std::set<std::string_view> named;
    for (const auto& group : change.groups) named.insert(group->source);
    std::vector<std::string> gone;
    for (const auto& known : entry.groups)
      if (!named.contains(known->source)) gone.push_back(known->source);
    for (const auto& source : gone) {
      mark(source);
      entry.targets -= entry.groups.take(source)->targets.size();
    }
  }
  for (const auto& group : change.groups) {
    mark(group->source);
    auto before = group->targets.empty() ? entry.groups.take(group->source) : entry.groups.put(group);
    entry.targets += group->targets.size();
    if (before) entry.targets -= before->targets.size();
  }
  trigger(self);
}

bool all_delivered(const discovery_manager_state& state, const job_entry& job) {
  return std::all_of(job.providers.begin(), job.providers.end(),
                     [&](provider_id id) { return state.providers.at(id).delivered; });
}

// What a job has to be told, or nothing to tell: then the result has no changes and is not complete.
job_change take_change(const discovery_manager_state& state, const std::string& name, job_entry& job) {
  bool delivered = all_delivered(state, job);
  job_change change{name, job.send_complete && delivered, {}};
  auto add = [&](provider_id id, const std::string& source) {
    auto found = state.providers.at(id).groups.find(source);
    change.changes.push_back({id, found ? std::move(found) : empty_group(source)});
  };
  if (change.complete) {
    for (auto id : job.providers)
      for (const auto& group : state.providers.at(id).groups) change.changes.push_back({id, group});
  } else {
    for (const auto& [id, source] : job.dirty) add(id, source);
  }
  if (delivered) {
    if (!change.complete) change.changes.insert(change.changes.end(), job.withdrawn.begin(), job.withdrawn.end());
    job.withdrawn.clear();
    job.send_complete = false;
  }
  job.dirty.clear();
  return change;
}

void update_metrics(discovery_manager_state& state, const sync& sent) {
  auto now = static_cast<double>(state.options.environment->wall_clock()) / 1000.0;
  for (const auto& change : sent.jobs) {
    auto& job = state.jobs.at(change.job);
    if (!job.metrics) job.metrics = state.options.environment->metrics->discovered(change.job);
    size_t count = 0;
    for (auto id : job.providers) count += state.providers.at(id).targets;
    job.metrics->targets.Set(static_cast<double>(count));
    job.metrics->last_update_timestamp.Set(now);
  }
}

void on(self_ptr self, const trigger_send&) {
  auto& state = act::state(self);
  state.send_debounce.on_sent(self->clock().now());
  if (!state.sink) return;
  sync out;
  for (auto& [name, job] : state.jobs) {
    auto change = take_change(state, name, job);
    if (change.complete || !change.changes.empty()) out.jobs.push_back(std::move(change));
  }
  if (out.jobs.empty()) return;
  state.options.environment->metrics->discovery.updates.Increment();
  update_metrics(state, out);
  act::tell(state.sink, std::move(out));
}

void on(self_ptr self, const use_sync_sink& order) {
  auto& state = act::state(self);
  state.sink = order.sink;
  for (auto& [name, job] : state.jobs) {
    job.send_complete = true;
    for (auto id : job.providers)
      for (const auto& group : state.providers.at(id).groups) job.dirty.emplace(id, group->source);
  }
  trigger(self);
}

void on(self_ptr self, const use_services& order) {
  auto& state = act::state(self);
  state.options.services = order.services;
  for (auto& [id, entry] : state.providers)
    if (entry.actor) act::tell(entry.actor.get(), order);
}

// -- questions --------------------------------------------------------------------------------------------------------

caf::result<discovery_status> on(self_ptr self, const get_discovery_status&) {
  auto& state = act::state(self);
  std::vector<provider_actor> actors;
  discovery_status known;
  for (const auto& [id, entry] : state.providers) {
    actors.push_back(entry.actor.get());
    auto& status = known.providers.emplace_back();
    status.id = id;
    status.mechanism = entry.configuration.mechanism;
    status.jobs.assign(entry.jobs.begin(), entry.jobs.end());
    status.restarts = entry.restarts;
  }
  auto promise = self->make_response_promise<discovery_status>();
  act::ask_all<provider_status>(self, actors, state.options.status_timeout, get_provider_status{},
                                [promise, known](auto& answers) mutable {
                                  for (size_t i = 0; i < answers.size(); ++i) {
                                    if (!answers[i]) continue;
                                    answers[i]->jobs = std::move(known.providers[i].jobs);
                                    answers[i]->restarts += known.providers[i].restarts;
                                    known.providers[i] = std::move(*answers[i]);
                                  }
                                  promise.deliver(std::move(known));
                                });
  return promise;
}

act::behavior_of<manager_impl> discovery_manager(self_ptr self, discovery_manager_options options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  state.send_debounce = debounce(state.options.send_debounce);
  act::init(self, state.watchers);
  return {
      [self](update& change) { on(self, change); },
      [self](const apply_discovery& order) { on(self, order); },
      [self](const use_services& order) { on(self, order); },
      [self](const use_sync_sink& order) { on(self, order); },
      [self](const get_discovery_status& question) { return on(self, question); },
      [self](const trigger_send& order) { on(self, order); },
      [self](const provider_restart_due& due) { on(self, due); },
  };
}

}  // namespace

discovery_manager_actor spawn_discovery_manager(caf::actor_system& system, discovery_manager_options options) {
  return system.spawn(discovery_manager, std::move(options));
}

}  // namespace rollcall
