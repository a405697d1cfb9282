#include "actors/discovery/provider.hpp"

#include "lib/log/log.hpp"

#include <fmt/format.h>

namespace rollcall {

namespace {

using provider_impl = act::extended<provider_actor, void(restart_due), void(grace_over), void(snapshot_due),
                                    void(confirmation_due), void(hold_over)>;
using self_ptr = act::self_ptr<provider_impl, provider_state>;

int64_t now(const provider_state& state) { return state.options.environment->wall_clock(); }

bool keeps_snapshots(const provider_state& state) {
  return state.options.snapshots && !state.options.snapshot.name.empty();
}

std::string age_text(int64_t milliseconds) {
  return format_duration(std::chrono::seconds(std::max<int64_t>(milliseconds, 0) / 1000));
}

// -- the discoverer ---------------------------------------------------------------------------------------------------

void on_discoverer_down(self_ptr self, const std::string& error);

void start_discoverer(self_ptr self) {
  auto& state = act::state(self);
  auto& options = state.options;
  state.started = now(state);
  state.next_attempt = 0;
  target_sink_actor me = provider_impl{self};
  state.discoverer = options.spawn_discoverer(self->system(), options.configuration,
                                              {me, options.services, options.environment, options.job});
  act::watch(self, state.watchers, state.discoverer.get(),
             [self](const std::string& error) { on_discoverer_down(self, error); });
}

// Whatever ended it, the discoverer is started again, and what it last found stays in force until then.
void on_discoverer_down(self_ptr self, const std::string& error) {
  auto& state = act::state(self);
  if (now(state) - state.started >= state.options.healthy_after.count()) state.restart_backoff.reset();
  auto delay = state.restart_backoff.next(state.options.environment->random_unit());
  state.discoverer.release();
  state.last_error = error.empty() ? "ended without being asked to" : error;
  state.next_attempt = now(state) + delay.count();
  log::error("provider", "Discoverer ended; its last targets stay in force",
             {{"mechanism", state.options.configuration.mechanism},
              {"job", state.options.job},
              {"err", state.last_error},
              {"restart_in", format_duration(delay)}});
  act::tell_self_after(self, delay, restart_due{});
}

void on(self_ptr self, const restart_due&) {
  auto& state = act::state(self);
  if (state.discoverer) return;
  ++state.restarts;
  state.options.environment->metrics->actor_restarts("discoverer").Increment();
  start_discoverer(self);
}

void on(self_ptr self, const use_services& order) {
  auto& state = act::state(self);
  state.options.services = order.services;
  if (state.discoverer) act::tell(state.discoverer.get(), order);
}

// -- preserving for a later process -----------------------------------------------------------------------------------

void schedule_snapshot(self_ptr self) {
  auto& state = act::state(self);
  auto& kept = state.preserved;
  if (!kept.changed || kept.scheduled || kept.writing || !keeps_snapshots(state)) return;
  kept.scheduled = true;
  act::tell_self_after(self, std::max(kept.wait, state.options.timing.gathering), snapshot_due{});
}

void preserve(self_ptr self) {
  act::state(self).preserved.changed = true;
  schedule_snapshot(self);
}

void on_written(self_ptr self, int64_t began, const snapshot_stored& outcome) {
  auto& state = act::state(self);
  auto& kept = state.preserved;
  const auto& timing = state.options.timing;
  kept.writing = false;
  kept.error = outcome.error;
  if (kept.error.empty()) {
    kept.written = began;
    kept.wait = std::chrono::milliseconds(outcome.bytes * 1000 / timing.bytes_per_second_max);
  } else {
    kept.changed = true;
    kept.wait = timing.retry_delay;
  }
  schedule_snapshot(self);
}

// What is held back is not what the source says, and what it says is in doubt: the snapshot stays as it was until then.
void on(self_ptr self, const snapshot_due&) {
  auto& state = act::state(self);
  auto& kept = state.preserved;
  kept.scheduled = false;
  if (!kept.changed || kept.writing || state.groups.held_until() != 0 || !keeps_snapshots(state)) return;
  kept.changed = false;
  kept.writing = true;
  auto snapshot = std::make_shared<group_snapshot>();
  snapshot->configuration = state.options.snapshot.configuration;
  snapshot->confirmed = kept.confirmed;
  snapshot->groups = state.groups.all();
  auto began = now(state);
  act::ask(self, state.options.snapshots, state.options.timing.write_timeout,
           store_snapshot{state.options.snapshot.name, std::move(snapshot)})
      .then([self, began](const snapshot_stored& outcome) { on_written(self, began, outcome); },
            [self, began](const caf::error&) { on_written(self, began, {0, "the snapshot store did not answer"}); });
}

// A source that is in order and says nothing new says that all is as it was.
void on(self_ptr self, const confirmation_due&) {
  auto& state = act::state(self);
  const auto& timing = state.options.timing;
  act::tell_self_after(self, timing.confirmation_interval, confirmation_due{});
  if (!state.delivered || !state.discoverer) return;
  if (now(state) - state.preserved.written < timing.confirmation_interval.count()) return;
  act::ask(self, state.discoverer.get(), state.options.status_timeout, get_discoverer_status{})
      .then(
          [self](const discoverer_status& discoverer) {
            if (!discoverer.last_error.empty()) return;
            auto& state = act::state(self);
            state.preserved.confirmed = now(state);
            preserve(self);
          },
          [](const caf::error&) {});
}

void on(self_ptr self, const use_snapshot_store& order) {
  act::state(self).options.snapshots = order.store;
  schedule_snapshot(self);
}

// -- what is found ----------------------------------------------------------------------------------------------------

void send(provider_state& state, update change) {
  change.origin = state.options.id;
  change.from_snapshot = state.restored.in_force != nullptr;
  act::tell(state.options.sink, std::move(change));
}

// Tells what became of removals that are held back since `before` was held back until `until_before`.
void tell_held(self_ptr self, size_t before, int64_t until_before) {
  auto& state = act::state(self);
  const auto& options = state.options;
  auto held = state.groups.held_targets();
  auto until = state.groups.held_until();
  if (held == 0 && before == 0) return;
  if (!state.removals)
    state.removals = options.environment->metrics->removals(options.configuration.mechanism, options.job);
  state.removals->held_targets.Increment(static_cast<double>(held) - static_cast<double>(before));
  if (until == 0 || until == until_before) return;
  state.removals->holds.Increment();
  std::chrono::milliseconds left(until - now(state));
  log::warn("provider", "Many targets are missing all at once; their removal is held back",
            {{"mechanism", options.configuration.mechanism},
             {"job", options.job},
             {"targets", fmt::to_string(held)},
             {"of", fmt::to_string(state.groups.targets())},
             {"for", format_duration(left)}});
  act::tell_self_after(self, left, hold_over{until});
}

void on(self_ptr self, const hold_over& over) {
  auto& state = act::state(self);
  if (over.until != state.groups.held_until()) return;
  // The wall clock may have been set back meanwhile.
  std::chrono::milliseconds left(over.until - now(state));
  if (left > left.zero()) return act::tell_self_after(self, left, hold_over{over});
  auto before = state.groups.held_targets();
  update change;
  change.groups = state.groups.let_go(now(state));
  tell_held(self, before, over.until);
  log::warn("provider", "Targets that have been missing for long are given up",
            {{"mechanism", state.options.configuration.mechanism},
             {"job", state.options.job},
             {"targets", fmt::to_string(before)}});
  send(state, std::move(change));
  preserve(self);
}

// -- restoring what an earlier process knew ---------------------------------------------------------------------------

// Puts the snapshot in force until the discoverer has told everything.
void restore(self_ptr self) {
  auto& state = act::state(self);
  const auto& options = state.options;
  auto& restored = state.restored;
  if (!restored.snapshot || restored.in_force) return;
  auto confirmed = restored.snapshot->confirmed;
  restored.in_force =
      options.environment->metrics->snapshot(options.configuration.mechanism, options.job, options.snapshot.name);
  restored.in_force->timestamp.Set(static_cast<double>(confirmed) / 1000.0);
  log::warn("provider", "The source has not told everything yet; what it told an earlier process is in force",
            {{"mechanism", options.configuration.mechanism},
             {"job", options.job},
             {"targets", fmt::to_string(count_targets(restored.snapshot->groups))},
             {"age", age_text(now(state) - confirmed)}});
  send(state, {state.groups.take(restored.snapshot->groups, known_groups::extent::whole, now(state))});
}

void end_restoration(provider_state& state) {
  if (state.restored.in_force)
    log::info("provider", "The source has told everything; the snapshot is in force no more",
              {{"mechanism", state.options.configuration.mechanism}, {"job", state.options.job}});
  state.restored = {};
}

void take(self_ptr self, update change) {
  auto& state = act::state(self);
  auto& restored = state.restored;
  state.last_success = state.preserved.confirmed = now(state);
  // Parts are added to the snapshot, which is no younger for that. What is whole replaces it, and is compared with it.
  if (restored.snapshot && !change.complete) {
    restore(self);
    state.preserved.confirmed = restored.snapshot->confirmed;
  }
  if (restored.snapshot && !restored.in_force)
    state.groups.take(restored.snapshot->groups, known_groups::extent::whole, now(state));
  auto held = state.groups.held_targets();
  auto held_until = state.groups.held_until();
  auto extent = change.complete ? known_groups::extent::whole : known_groups::extent::part;
  change.groups = state.groups.take(std::move(change.groups), extent, now(state));
  tell_held(self, held, held_until);
  bool first = !state.delivered && (change.complete || !restored.snapshot);
  if (change.groups.empty() && !first) return;
  if (first) {
    state.delivered = true;
    end_restoration(state);
    change.groups = state.groups.all();
  }
  change.complete = first;
  send(state, std::move(change));
  preserve(self);
}

void on(self_ptr self, update& change) {
  auto& restored = act::state(self).restored;
  if (restored.reading)
    restored.early.push_back(std::move(change));
  else
    take(self, std::move(change));
}

void on_read(self_ptr self, const group_snapshot_ptr& snapshot) {
  auto& state = act::state(self);
  auto& restored = state.restored;
  const auto& timing = state.options.timing;
  restored.reading = false;
  if (snapshot && snapshot->configuration == state.options.snapshot.configuration &&
      now(state) - snapshot->confirmed <= timing.age_max.count()) {
    restored.snapshot = snapshot;
    act::tell_self_after(self, timing.grace, grace_over{});
  }
  for (auto& change : std::exchange(restored.early, {})) take(self, std::move(change));
}

void read_snapshot(self_ptr self) {
  auto& state = act::state(self);
  if (!keeps_snapshots(state)) return;
  const auto& timing = state.options.timing;
  act::tell_self_after(self, timing.confirmation_interval, confirmation_due{});
  state.restored.reading = true;
  act::ask(self, state.options.snapshots, timing.read_timeout, get_snapshot{state.options.snapshot.name})
      .then([self](const stored_snapshot& found) { on_read(self, found.snapshot); },
            [self](const caf::error&) { on_read(self, nullptr); });
}

// -- questions --------------------------------------------------------------------------------------------------------

provider_status status_of(const provider_state& state) {
  provider_status status;
  status.id = state.options.id;
  status.mechanism = state.options.configuration.mechanism;
  status.running = static_cast<bool>(state.discoverer);
  status.delivered = state.delivered;
  status.sources = state.groups.sources();
  status.targets = state.groups.targets();
  status.restarts = state.restarts;
  status.last_error = state.last_error;
  status.last_success = state.last_success;
  status.next_attempt = state.next_attempt;
  if (state.restored.in_force) status.snapshot_time = state.restored.snapshot->confirmed;
  status.snapshot_error = state.preserved.error;
  status.held_targets = state.groups.held_targets();
  status.held_until = state.groups.held_until();
  return status;
}

caf::result<provider_status> on(self_ptr self, const get_provider_status&) {
  auto& state = act::state(self);
  if (!state.discoverer) return status_of(state);
  auto answer = self->make_response_promise<provider_status>();
  act::ask(self, state.discoverer.get(), state.options.status_timeout, get_discoverer_status{})
      .then(
          [self, answer](const discoverer_status& discoverer) mutable {
            auto status = status_of(act::state(self));
            if (!discoverer.last_error.empty() || status.running) status.last_error = discoverer.last_error;
            status.last_success = std::max(status.last_success, discoverer.last_success);
            if (status.running) status.next_attempt = discoverer.next_attempt;
            status.refreshes = discoverer.refreshes;
            status.failures = discoverer.failures;
            answer.deliver(std::move(status));
          },
          [self, answer](const caf::error&) mutable { answer.deliver(status_of(act::state(self))); });
  return answer;
}

act::behavior_of<provider_impl> provider(self_ptr self, provider_options options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  state.groups = known_groups(state.options.guard);
  state.restart_backoff = backoff(state.options.restart_backoff);
  act::init(self, state.watchers);
  read_snapshot(self);
  start_discoverer(self);
  return {
      [self](update& change) { on(self, change); },
      [self](const use_services& order) { on(self, order); },
      [self](const use_snapshot_store& order) { on(self, order); },
      [self](const get_provider_status& question) { return on(self, question); },
      [self](const restart_due& due) { on(self, due); },
      [self](const grace_over&) { restore(self); },
      [self](const snapshot_due& due) { on(self, due); },
      [self](const confirmation_due& due) { on(self, due); },
      [self](const hold_over& over) { on(self, over); },
  };
}

}  // namespace

provider_state::~provider_state() {
  if (removals) removals->held_targets.Decrement(static_cast<double>(groups.held_targets()));
}

provider_actor spawn_provider(caf::actor_system& system, provider_options options) {
  return system.spawn(provider, std::move(options));
}

}  // namespace rollcall
