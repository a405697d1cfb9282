#include "actors/discovery/static_sd/static_sd.hpp"

#include "actors/discovery/static_sd/static_sd_options.hpp"

namespace rollcall {

namespace {

using self_ptr = act::self_ptr<discoverer_actor, static_sd_state>;

act::behavior_of<discoverer_actor> discoverer(self_ptr self, std::shared_ptr<const static_sd_options> options,
                                              discoverer_context context) {
  auto& state = act::state(self);
  act::init(self, state.watchers);
  state.status.refreshes = 1;
  state.status.last_success = context.environment->wall_clock();
  update all;
  all.complete = true;
  for (const auto& group : options->groups) all.groups.push_back(group);
  act::tell(context.sink, std::move(all));
  return {
      [](const use_services&) {},
      [self](const get_discoverer_status&) { return act::state(self).status; },
  };
}

discoverer_actor spawn(caf::actor_system& system, const sd_options_ptr& options, discoverer_context context) {
  return system.spawn(discoverer, std::static_pointer_cast<const static_sd_options>(options), std::move(context));
}

}  // namespace

discovery_mechanism static_sd() { return {static_sd_configuration(), spawn}; }

}  // namespace rollcall
