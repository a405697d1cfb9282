#include "actors/discovery/discovery_check.hpp"

namespace rollcall {

namespace {

using check_impl = act::extended<sync_sink_actor, void(check_over)>;
using self_ptr = act::self_ptr<check_impl, discovery_check_state>;

void tell_findings(self_ptr self, bool complete, std::vector<provider_status> providers) {
  auto& state = act::state(self);
  discovery_findings findings{complete, {}, std::move(providers)};
  for (const auto& [key, group] : state.groups) findings.groups.push_back({key.first, group});
  state.options.done(std::move(findings));
  self->quit();
}

void conclude(self_ptr self, bool complete) {
  auto& state = act::state(self);
  if (std::exchange(state.concluding, true)) return;
  act::ask(self, state.manager.get(), state.options.status_timeout, get_discovery_status{})
      .then([self, complete](discovery_status& status) { tell_findings(self, complete, std::move(status.providers)); },
            [self, complete](const caf::error&) { tell_findings(self, complete, {}); });
}

void on(self_ptr self, const sync& order) {
  auto& state = act::state(self);
  for (const auto& job : order.jobs) {
    if (job.complete) state.groups.clear();
    for (const auto& change : job.changes) {
      auto key = std::pair(change.provider, change.group->source);
      if (change.group->targets.empty()) {
        state.groups.erase(key);
      } else {
        state.groups.insert_or_assign(std::move(key), change.group);
      }
    }
    if (job.complete) conclude(self, true);
  }
}

act::behavior_of<check_impl> discovery_check(self_ptr self, discovery_check_options options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  act::init(self, state.watchers);
  state.manager = state.options.spawn_manager(self->system());
  act::tell(state.manager.get(), use_sync_sink{sync_sink_actor{check_impl{self}}});
  act::tell(state.manager.get(), apply_discovery{{state.options.job}});
  act::tell_self_after(self, state.options.timeout, check_over{});
  return {
      [self](const sync& order) { on(self, order); },
      [self](const check_over&) { conclude(self, false); },
  };
}

}  // namespace

sync_sink_actor spawn_discovery_check(caf::actor_system& system, discovery_check_options options) {
  return system.spawn(discovery_check, std::move(options));
}

}  // namespace rollcall
