#include "actors/discovery/provider.hpp"

#include "lib/log/log.hpp"
#include "lib/telemetry/telemetry.hpp"

#include <set>

namespace rollcall {

namespace {

using provider_impl = act::extended<provider_actor, void(restart_due)>;
using self_ptr = act::self_ptr<provider_impl, provider_state>;

void on_discoverer_down(self_ptr self, const std::string& error);

void start_discoverer(self_ptr self) {
  auto& state = act::state(self);
  auto& options = state.options;
  state.started = options.environment->wall_clock();
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
  auto now = state.options.environment->wall_clock();
  if (now - state.started >= state.options.healthy_after.count()) state.restart_backoff.reset();
  auto delay = state.restart_backoff.next(state.options.environment->random_unit());
  state.discoverer.release();
  state.last_error = error.empty() ? "ended without being asked to" : error;
  state.next_attempt = now + delay.count();
  log::error("provider", "Discoverer ended; its last targets stay in force",
             {{"mechanism", state.options.configuration.mechanism},
              {"job", state.options.job},
              {"err", state.last_error},
              {"restart_in", format_duration(delay)}});
  act::tell_self_after(self, delay, restart_due{});
}

// Leaves in the change only what differs from what is known, and remembers it.
void reduce(provider_state& state, update& change) {
  if (change.complete) {
    std::set<std::string_view> named;
    for (const auto& group : change.groups) named.insert(group->source);
    std::vector<target_group_ptr> withdrawn;
    for (const auto& [source, group] : state.groups) {
      if (named.contains(source)) continue;
      auto empty = std::make_shared<target_group>();
      empty->source = source;
      withdrawn.push_back(std::move(empty));
    }
    change.groups.insert(change.groups.end(), withdrawn.begin(), withdrawn.end());
  }
  std::erase_if(change.groups, [&](const target_group_ptr& group) {
    auto known = state.groups.find(group->source);
    if (group->targets.empty()) {
      if (known == state.groups.end()) return true;
      state.groups.erase(known);
      return false;
    }
    if (known == state.groups.end()) {
      state.groups.emplace(group->source, group);
      return false;
    }
    if (*known->second == *group) return true;
    known->second = group;
    return false;
  });
}

void on(self_ptr self, update& change) {
  auto& state = act::state(self);
  state.last_success = state.options.environment->wall_clock();
  reduce(state, change);
  bool first = !state.delivered;
  if (change.groups.empty() && !first) return;
  state.delivered = true;
  change.complete = first;
  change.origin = state.options.id;
  act::tell(state.options.sink, std::move(change));
}

void on(self_ptr self, const use_services& order) {
  auto& state = act::state(self);
  state.options.services = order.services;
  if (state.discoverer) act::tell(state.discoverer.get(), order);
}

void on(self_ptr self, const restart_due&) {
  auto& state = act::state(self);
  if (state.discoverer) return;
  ++state.restarts;
  state.options.environment->metrics->actor_restarts("discoverer").Increment();
  start_discoverer(self);
}

provider_status status_of(const provider_state& state) {
  provider_status status;
  status.id = state.options.id;
  status.mechanism = state.options.configuration.mechanism;
  status.running = static_cast<bool>(state.discoverer);
  status.sources = state.groups.size();
  for (const auto& [source, group] : state.groups) status.targets += group->targets.size();
  status.restarts = state.restarts;
  status.last_error = state.last_error;
  status.last_success = state.last_success;
  status.next_attempt = state.next_attempt;
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
            answer.deliver(std::move(status));
          },
          [self, answer](const caf::error&) mutable { answer.deliver(status_of(act::state(self))); });
  return answer;
}

act::behavior_of<provider_impl> provider(self_ptr self, provider_options options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  state.restart_backoff = backoff(state.options.restart_backoff);
  act::init(self, state.watchers);
  start_discoverer(self);
  return {
      [self](update& change) { on(self, change); },
      [self](const use_services& order) { on(self, order); },
      [self](const get_provider_status& question) { return on(self, question); },
      [self](const restart_due& due) { on(self, due); },
  };
}

}  // namespace

provider_actor spawn_provider(caf::actor_system& system, provider_options options) {
  return system.spawn(provider, std::move(options));
}

}  // namespace rollcall
