#include "actors/cluster/placed_loop.hpp"

#include <map>
#include <mutex>

namespace rollcall {

namespace {

using placed_impl = act::extended<scrape_loop_actor, void(loop_observed), void(farewell_due)>;
using self_ptr = act::self_ptr<placed_impl, placed_loop_state>;

// All loops of a job share their settings, which are encoded once.
class encoded_settings {
 public:
  cluster::opaque of(const loop_settings_ptr& settings) {
    std::lock_guard lock(mutex_);
    auto found = known_.find(settings);
    if (found != known_.end()) return found->second;
    if (known_.size() >= known_max) known_.clear();
    return known_[settings] = std::make_shared<const std::string>(encode_settings(*settings));
  }

 private:
  static constexpr size_t known_max = 1000;

  std::mutex mutex_;
  std::map<loop_settings_ptr, cluster::opaque> known_;
};

std::pair<cluster::loop_plan, cluster::opaque> plan_of(const placed_loop_state& state) {
  const auto& assignment = state.options.assignment;
  auto settings = state.options.environment->shared->get<encoded_settings>()->of(assignment.settings);
  return {rollcall::plan_of(assignment, cluster::digest(*settings)), settings};
}

void tell_change(placed_loop_state& state) {
  auto [plan, settings] = plan_of(state);
  act::tell(state.options.coordinator, change_loop{std::move(plan), std::move(settings)});
}

void on(self_ptr self, const reload_loop& order) {
  auto& state = act::state(self);
  state.options.assignment.settings = order.settings;
  state.options.assignment.request = order.request;
  tell_change(state);
}

void on(self_ptr self, const force_error& order) {
  auto& state = act::state(self);
  state.options.assignment.forced_error = order.message;
  tell_change(state);
}

void on(self_ptr self, const stop_loop& order) {
  auto& state = act::state(self);
  act::tell(state.options.coordinator, unwant_loop{state.key, order.heir ? order.heir.id() : 0});
  if (order.heir) return self->quit();
  if (std::exchange(state.stopping, true)) return;
  act::tell_self_after(self, state.options.farewell_intervals * state.options.assignment.interval, farewell_due{});
}

void on(self_ptr self, const loop_observed& news) {
  auto& state = act::state(self);
  state.status = news.status;
  state.status.placed = state.key;
}

act::behavior_of<placed_impl> placed_loop(self_ptr self, placed_loop_options options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  act::init(self, state.watchers);
  auto [plan, settings] = plan_of(state);
  state.key = plan.key;
  state.status.placed = plan.key;
  const auto& assignment = state.options.assignment;
  act::tell(state.options.coordinator,
            want_loop{assignment.request->url, std::move(plan), std::move(settings),
                      cluster::wish_of(state.options.rules, assignment.visible), loop_seat_actor{placed_impl{self}}});
  return {
      [](const tick&) {},
      [](const fetched&) {},
      [](const use_services&) {},
      [self](const reload_loop& order) { on(self, order); },
      [self](const force_error& order) { on(self, order); },
      [](const inherit&) {},
      [self](const stop_loop& order) { on(self, order); },
      [self](const get_loop_status&) { return act::state(self).status; },
      [](const get_latest&) { return latest{}; },
      [](const get_metadata&) { return known_metadata{}; },
      [](const get_outlines&) { return outlines{}; },
      [self](const loop_observed& news) { on(self, news); },
      [self](const farewell_due&) { self->quit(); },
  };
}

}  // namespace

scrape_loop_actor spawn_placed_loop(caf::actor_system& system, placed_loop_options options) {
  return system.spawn(placed_loop, std::move(options));
}

}  // namespace rollcall
