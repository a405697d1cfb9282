#include "actors/scrape/scrape_pool.hpp"

#include "actors/scrape/gathering.hpp"
#include "lib/log/log.hpp"

#include <set>

namespace rollcall {

namespace {

using pool_impl = act::extended<scrape_pool_actor, void(loop_restart_due)>;
using self_ptr = act::self_ptr<pool_impl, scrape_pool_state>;
using loop_entry = scrape_pool_state::loop_entry;

// -- loops ------------------------------------------------------------------------------------------------------------

void start_loop(self_ptr self, loop_entry& entry, legacy from_before = legacy::none) {
  auto& state = act::state(self);
  const auto& target = *entry.target;
  scrape_loop_options options;
  options.settings = state.settings->of(target);
  options.target.request = request_of(target, *options.settings, *state.options.config);
  options.target.labels = std::make_shared<series::target_labels>(target.visible);
  options.target.identity = target.identity;
  options.target.interval = target.interval;
  options.target.timeout = target.timeout;
  options.target.phase = phase(target.identity, state.options.offset_seed, target.interval);
  options.services = state.options.services;
  options.environment = state.options.environment;
  options.metrics = state.options.environment->metrics->interval(target.interval);
  options.dialer = state.options.environment->metrics->dialer(state.options.config->job_name);
  options.failure_log = state.options.failure_log;
  options.forced_error = state.forced_error;
  options.from_before = from_before;
  entry.actor = state.options.spawn_loop(self->system(), std::move(options));
  entry.started = state.options.environment->wall_clock();
  act::watch(self, state.watchers, entry.actor.get(), [self, identity = target.identity](const std::string& error) {
    auto& state = act::state(self);
    auto found = state.loops.find(identity);
    if (found == state.loops.end()) return;
    auto& entry = found->second;
    entry.actor.release();
    auto now = state.options.environment->wall_clock();
    if (now - entry.started >= state.options.healthy_after.count()) entry.restart_backoff.reset();
    auto delay = entry.restart_backoff.next(state.options.environment->random_unit());
    log::error("scrape-pool", "Scrape loop ended; it is started again",
               {{"scrape_pool", state.options.config->job_name}, {"target", entry.target->url}, {"err", error}});
    act::tell_self_after(self, delay, loop_restart_due{identity});
  });
}

void on(self_ptr self, const loop_restart_due& due) {
  auto& state = act::state(self);
  auto found = state.loops.find(due.identity);
  if (found == state.loops.end() || found->second.actor) return;
  ++found->second.restarts;
  state.options.environment->metrics->actor_restarts("scrape_loop").Increment();
  start_loop(self, found->second);
}

// Lets a loop go whose target is gone. It ends by itself, and until then may still find an heir.
void let_go(self_ptr self, loop_entry entry, heir_actor heir) {
  auto& state = act::state(self);
  if (!entry.actor) return;
  auto id = entry.actor.get().id();
  act::unwatch(self, state.watchers, entry.actor.get());
  act::watch(self, state.watchers, entry.actor.get(), [self, id](const std::string&) {
    auto& leaving = act::state(self).leaving;
    auto found = leaving.find(id);
    if (found == leaving.end()) return;
    found->second.actor.release();
    leaving.erase(found);
  });
  act::tell(entry.actor.get(), stop_loop{std::move(heir)});
  state.leaving.emplace(id, scrape_pool_state::leaving_entry{entry.target->visible, std::move(entry.actor)});
}

// Targets that start under the labels of one that goes, or of one that is still leaving, continue its series.
void apply(self_ptr self, const target_delta& delta) {
  auto& state = act::state(self);
  std::set<labels> left;
  if (!delta.started.empty()) {
    for (const auto& target : delta.stopped) left.insert(target->visible);
    for (const auto& [id, entry] : state.leaving) left.insert(entry.visible);
  }
  std::map<labels, heir_actor> heirs;
  for (const auto& target : delta.started) {
    auto& entry = state.loops[target->identity];
    entry.target = target;
    entry.restart_backoff = backoff(state.options.restart_backoff);
    start_loop(self, entry, left.erase(target->visible) ? legacy::awaited : legacy::none);
    heirs.emplace(target->visible, heir_actor{entry.actor.get()});
  }
  auto take_heir = [&](const labels& visible) {
    auto found = heirs.find(visible);
    if (found == heirs.end()) return heir_actor{};
    auto heir = found->second;
    heirs.erase(found);
    return heir;
  };
  for (const auto& target : delta.stopped) {
    auto node = state.loops.extract(target->identity);
    if (!node.empty()) let_go(self, std::move(node.mapped()), take_heir(target->visible));
  }
  if (heirs.empty()) return;
  for (auto& [id, entry] : state.leaving)
    if (auto heir = take_heir(entry.visible)) act::tell(entry.actor.get(), stop_loop{heir});
}

// -- flow -------------------------------------------------------------------------------------------------------------

void settle(self_ptr self, const target_delta& delta) {
  auto& state = act::state(self);
  apply(self, delta);
  auto exceeded = state.targets->limit_exceeded();
  auto error = exceeded ? exceeded->message : std::string();
  if (exceeded) state.options.environment->metrics->scrape.exceeded_target_limit.Increment();
  if (error != state.forced_error) {
    state.forced_error = error;
    for (const auto& [identity, entry] : state.loops)
      if (entry.actor) act::tell(entry.actor.get(), force_error{error});
  }
  for (const auto& failure : delta.failures)
    log::error("scrape-pool", "Creating target failed",
               {{"scrape_pool", state.options.config->job_name}, {"err", failure}});
  state.metrics->sync_failed.Increment(static_cast<double>(delta.failed));
  state.metrics->targets.Set(static_cast<double>(state.targets->counts().active));
  state.metrics->target_limit.Set(static_cast<double>(state.options.config->limits.target_limit));
}

void on(self_ptr self, const sync& order) {
  auto& state = act::state(self);
  auto begun = self->clock().now();
  std::vector<source_change> changes;
  auto named = sources_named::some;
  for (const auto& job : order.jobs) {
    if (job.complete) {
      changes.clear();
      named = sources_named::all;
    }
    for (const auto& change : job.changes) changes.push_back({change.provider, change.group});
  }
  settle(self, state.targets->apply(changes, named));
  std::chrono::duration<double> length = self->clock().now() - begun;
  state.metrics->syncs.Increment();
  state.metrics->sync_length.Observe(length.count());
  state.metrics->sync_length_histogram.Observe(length.count());
}

void on(self_ptr self, const reload_pool& order) {
  auto& state = act::state(self);
  auto before = std::exchange(state.options.config, order.config);
  state.settings->reconfigure(*order.config, *before);
  auto delta = state.targets->reconfigure(target_options_of(*order.config));
  std::set<uint64_t> fresh;
  for (const auto& target : delta.started) fresh.insert(target->identity);
  settle(self, delta);
  for (const auto& [identity, entry] : state.loops) {
    if (fresh.contains(identity) || !entry.actor) continue;
    const auto& settings = state.settings->of(*entry.target);
    act::tell(entry.actor.get(), reload_loop{settings, request_of(*entry.target, *settings, *order.config)});
  }
  state.options.environment->metrics->scrape.pool_reloads.Increment();
}

void on(self_ptr self, const use_services& order) {
  auto& state = act::state(self);
  state.options.services = order.services;
  for (const auto& [identity, entry] : state.loops)
    if (entry.actor) act::tell(entry.actor.get(), order);
  for (const auto& [id, entry] : state.leaving) act::tell(entry.actor.get(), order);
}

// -- questions --------------------------------------------------------------------------------------------------------

std::string reason_of(const dropped_target& dropped) {
  switch (dropped.why) {
    case dropped_target::reason::rule:
      return "relabel_configs[" + std::to_string(dropped.rule) + "] dropped it";
    case dropped_target::reason::duplicate:
      return "equal to another target of this job";
    case dropped_target::reason::failed:
      return dropped.message;
  }
  return {};
}

pool_targets targets_of(const scrape_pool_state& state, const get_targets& question) {
  pool_targets result;
  result.job = state.options.config->job_name;
  auto counts = state.targets->counts();
  result.dropped_total = counts.dropped_by_rule + counts.duplicates + counts.failed;
  if (question.dropped) {
    state.targets->visit_dropped(
        [&](const dropped_target& dropped) { result.dropped.push_back({dropped.discovered, reason_of(dropped)}); });
  }
  return result;
}

caf::result<pool_targets> on(self_ptr self, const get_targets& question) {
  auto& state = act::state(self);
  auto known = targets_of(state, question);
  if (!question.active) return known;
  std::vector<scrape_loop_actor> actors;
  state.targets->visit_active([&](const target_ptr& target, const labels& discovered) {
    const auto& entry = state.loops.at(target->identity);
    known.active.push_back(
        {discovered, target->visible, target->url, target->interval, target->timeout, entry.restarts, {}});
    actors.push_back(entry.actor.get());
  });
  auto promise = self->make_response_promise<pool_targets>();
  act::ask_all<loop_status>(self, actors, state.options.status_timeout, get_loop_status{},
                            [promise, known = std::move(known)](auto& answers) mutable {
                              for (size_t i = 0; i < answers.size(); ++i)
                                if (answers[i]) known.active[i].status = std::move(*answers[i]);
                              promise.deliver(std::move(known));
                            });
  return promise;
}

template <class Answer, class Question>
caf::result<Answer> ask_loops(self_ptr self, const Question& question) {
  auto& state = act::state(self);
  std::vector<scrape_loop_actor> actors;
  for (const auto& [identity, entry] : state.loops) actors.push_back(entry.actor.get());
  return gather<Answer>(self, actors, state.options.status_timeout, question);
}

act::behavior_of<pool_impl> scrape_pool(self_ptr self, scrape_pool_options options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  act::init(self, state.watchers);
  state.metrics = state.options.environment->metrics->pool(state.options.config->job_name);
  state.settings.emplace(*state.options.config, state.options.mode);
  state.targets = std::make_unique<target_set>(target_options_of(*state.options.config));
  return {
      [self](const sync& order) { on(self, order); },
      [self](const reload_pool& order) { on(self, order); },
      [self](const use_services& order) { on(self, order); },
      [self](const get_targets& question) { return on(self, question); },
      [self](const get_latest& question) { return ask_loops<latest>(self, question); },
      [self](const get_metadata& question) { return ask_loops<known_metadata>(self, question); },
      [self](const loop_restart_due& due) { on(self, due); },
  };
}

}  // namespace

scrape_pool_actor spawn_scrape_pool(caf::actor_system& system, scrape_pool_options options) {
  return system.spawn(scrape_pool, std::move(options));
}

}  // namespace rollcall
