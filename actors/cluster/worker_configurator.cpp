#include "actors/cluster/worker_configurator.hpp"

namespace rollcall {

namespace {

using self_ptr = act::self_ptr<write_manager_actor, worker_configurator_state>;

act::behavior_of<write_manager_actor> worker_configurator(self_ptr self, worker_configurator_options options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  act::init(self, state.watchers);
  return {
      [self](const apply_remote_write& order) {
        act::tell(act::state(self).options.coordinator, configure_workers{order.config});
      },
      [](const use_services&) {},
      [](const flush&) { return flushed{}; },
      [](const get_write_status&) { return write_status{}; },
      [](const settle_set_aside&) { return set_aside_settled{}; },
  };
}

}  // namespace

write_manager_actor spawn_worker_configurator(caf::actor_system& system, worker_configurator_options options) {
  return system.spawn(worker_configurator, std::move(options));
}

}  // namespace rollcall
