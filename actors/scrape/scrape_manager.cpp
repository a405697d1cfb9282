#include "actors/scrape/scrape_manager.hpp"

#include "actors/scrape/gathering.hpp"
#include "lib/log/log.hpp"

namespace rollcall {

namespace {

using manager_impl = act::extended<scrape_manager_actor, void(reload), void(pool_restart_due), void(retire_due)>;
using self_ptr = act::self_ptr<manager_impl, scrape_manager_state>;
using job_entry = scrape_manager_state::job_entry;

void trigger(self_ptr self) {
  if (std::exchange(act::state(self).reload_pending, true)) return;
  act::tell(manager_impl{self}, reload{});
}

// Everything that is known of a job, for a pool that begins.
job_change everything(const std::string& name, const job_entry& job) {
  job_change all{name, true, {}};
  for (const auto& [provider, groups] : job.groups)
    for (const auto& group : groups) all.changes.push_back({provider, group});
  return all;
}

// -- pools ------------------------------------------------------------------------------------------------------------

void start_pool(self_ptr self, const std::string& name) {
  auto& state = act::state(self);
  auto& job = state.jobs.at(name);
  job.started = state.options.environment->wall_clock();
  job.pool = state.options.spawn_pool(self->system(), {.config = job.config,
                                                       .services = state.options.services,
                                                       .environment = state.options.environment,
                                                       .offset_seed = state.options.offset_seed,
                                                       .mode = state.options.mode,
                                                       .failure_log = state.failure_log.get()});
  act::watch(self, state.watchers, job.pool.get(), [self, name](const std::string& error) {
    auto& state = act::state(self);
    auto found = state.jobs.find(name);
    if (found == state.jobs.end()) return;
    auto& job = found->second;
    job.pool.release();
    state.options.environment->metrics->scrape.pools_failed.Increment();
    auto up = state.options.environment->wall_clock() - job.started;
    if (up >= state.options.healthy_after.count()) job.restart_backoff.reset();
    auto delay = job.restart_backoff.next(state.options.environment->random_unit());
    log::error("scrape-manager", "Scrape pool ended; it is started again", {{"scrape_pool", name}, {"err", error}});
    act::tell_self_after(self, delay, pool_restart_due{name});
  });
  job.pending = everything(name, job);
  state.options.environment->metrics->scrape.pools.Increment();
  trigger(self);
}

void on(self_ptr self, const pool_restart_due& due) {
  auto& state = act::state(self);
  auto found = state.jobs.find(due.job);
  if (found == state.jobs.end() || found->second.pool) return;
  ++found->second.restarts;
  state.options.environment->metrics->actor_restarts("scrape_pool").Increment();
  start_pool(self, due.job);
}

// The pool stays until the series of its targets have gone stale; a job that comes back before goes on with it.
void retire(self_ptr self, const std::string& name, job_entry& job) {
  auto& state = act::state(self);
  job.retired = ++state.last_generation;
  job.groups.clear();
  job.pending = {};
  auto wait = [self, due = retire_due{name, job.retired}](std::chrono::milliseconds interval) {
    act::tell_self_after(self, 3 * interval, due);
  };
  if (!job.pool) return wait(job.config->scrape_interval);
  // Targets may have intervals of their own, longer than the job's.
  act::ask(self, job.pool.get(), 2 * state.options.status_timeout, get_targets{{}, true, false})
      .then(
          [wait, interval = job.config->scrape_interval](const pool_targets& known) {
            auto longest = interval;
            for (const auto& target : known.active) longest = std::max(longest, target.interval);
            wait(longest);
          },
          [wait, interval = job.config->scrape_interval](const caf::error&) { wait(interval); });
  act::tell(job.pool.get(), sync{{everything(name, job)}});
}

void on(self_ptr self, const retire_due& due) {
  auto& state = act::state(self);
  auto found = state.jobs.find(due.job);
  if (found == state.jobs.end() || found->second.retired != due.generation) return;
  if (found->second.pool) act::unwatch(self, state.watchers, found->second.pool.get());
  state.jobs.erase(found);
}

void on(self_ptr self, const apply_scrape& order) {
  auto& state = act::state(self);
  if (state.failure_log) act::tell(state.failure_log.get(), reopen_logs{});
  std::map<std::string, scrape_config_ptr> wanted;
  for (const auto& config : order.config->scrape_configs) wanted.emplace(config->job_name, config);
  for (auto& [name, job] : state.jobs)
    if (!wanted.contains(name) && job.retired == 0) retire(self, name, job);
  for (const auto& [name, config] : wanted) {
    auto [found, added] = state.jobs.try_emplace(name);
    auto& job = found->second;
    auto before = std::exchange(job.config, config);
    job.retired = 0;
    if (added) {
      job.restart_backoff = backoff(state.options.restart_backoff);
      start_pool(self, name);
    } else if (*before != *config && job.pool) {
      act::tell(job.pool.get(), reload_pool{config});
    }
  }
}

// -- flow -------------------------------------------------------------------------------------------------------------

void on(self_ptr self, sync& order) {
  auto& state = act::state(self);
  for (auto& change : order.jobs) {
    auto found = state.jobs.find(change.job);
    if (found == state.jobs.end() || found->second.retired != 0) continue;
    auto& job = found->second;
    if (change.complete) job.groups.clear();
    for (const auto& each : change.changes) {
      auto& groups = job.groups[each.provider];
      if (each.group->targets.empty()) {
        groups.take(each.group->source);
      } else {
        groups.put(each.group);
      }
      if (groups.empty()) job.groups.erase(each.provider);
    }
    if (change.complete) {
      job.pending = std::move(change);
    } else {
      job.pending.changes.insert(job.pending.changes.end(), std::make_move_iterator(change.changes.begin()),
                                 std::make_move_iterator(change.changes.end()));
    }
    job.pending.job = found->first;
  }
  trigger(self);
}

void on(self_ptr self, const reload&) {
  auto& state = act::state(self);
  state.reload_pending = false;
  for (auto& [name, job] : state.jobs) {
    auto change = std::exchange(job.pending, {});
    if (job.pool && (change.complete || !change.changes.empty())) act::tell(job.pool.get(), sync{{std::move(change)}});
  }
}

void on(self_ptr self, const use_services& order) {
  auto& state = act::state(self);
  state.options.services = order.services;
  for (auto& [name, job] : state.jobs)
    if (job.pool) act::tell(job.pool.get(), order);
}

// -- questions --------------------------------------------------------------------------------------------------------

std::vector<std::string> jobs_of(const scrape_manager_state& state, const std::string& filter) {
  std::vector<std::string> names;
  for (const auto& [name, job] : state.jobs)
    if (job.retired == 0 && (filter.empty() || filter == name)) names.push_back(name);
  return names;
}

std::vector<scrape_pool_actor> pools_of(const scrape_manager_state& state, const std::vector<std::string>& names) {
  std::vector<scrape_pool_actor> pools;
  for (const auto& name : names) pools.push_back(state.jobs.at(name).pool.get());
  return pools;
}

caf::result<targets> on(self_ptr self, const get_targets& question) {
  auto& state = act::state(self);
  auto names = jobs_of(state, question.job);
  auto promise = self->make_response_promise<targets>();
  act::ask_all<pool_targets>(self, pools_of(state, names), state.options.status_timeout, question,
                             [self, names, promise](auto& answers) mutable {
                               targets all;
                               for (size_t i = 0; i < names.size(); ++i) {
                                 auto job = act::state(self).jobs.find(names[i]);
                                 auto& pool = all.pools.emplace_back();
                                 if (answers[i]) pool = std::move(*answers[i]);
                                 pool.job = names[i];
                                 if (job != act::state(self).jobs.end()) pool.restarts = job->second.restarts;
                               }
                               promise.deliver(std::move(all));
                             });
  return promise;
}

template <class Answer, class Question>
caf::result<Answer> ask_pools(self_ptr self, const Question& question, const std::string& job) {
  auto& state = act::state(self);
  return gather<Answer>(self, pools_of(state, jobs_of(state, job)), state.options.status_timeout, question);
}

act::behavior_of<manager_impl> scrape_manager(self_ptr self, scrape_manager_options options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  act::init(self, state.watchers);
  if (state.options.spawn_failure_log) state.failure_log = state.options.spawn_failure_log(self->system());
  return {
      [self](sync& order) { on(self, order); },
      [self](const apply_scrape& order) { on(self, order); },
      [self](const use_services& order) { on(self, order); },
      [self](const get_scrape_pools&) { return scrape_pools{jobs_of(act::state(self), {})}; },
      [self](const get_targets& question) { return on(self, question); },
      [self](const get_latest& question) { return ask_pools<latest>(self, question, question.job); },
      [self](const get_metadata& question) { return ask_pools<known_metadata>(self, question, {}); },
      [self](const reload& order) { on(self, order); },
      [self](const pool_restart_due& due) { on(self, due); },
      [self](const retire_due& due) { on(self, due); },
  };
}

}  // namespace

scrape_manager_actor spawn_scrape_manager(caf::actor_system& system, scrape_manager_options options) {
  return system.spawn(scrape_manager, std::move(options));
}

}  // namespace rollcall
