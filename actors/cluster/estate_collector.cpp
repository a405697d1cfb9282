#include "actors/cluster/estate_collector.hpp"

#include "lib/cluster/series_estate.hpp"

namespace rollcall {

namespace {

using self_ptr = act::self_ptr<heir_actor, estate_collector_state>;

void on(self_ptr self, const inherit& left) {
  auto& state = act::state(self);
  if (left.cache) state.caches.push_back(left.cache);
  if (left.cache && !left.ingest) return;
  act::tell(state.options.sink, estate_collected{state.options.which, cluster::encode_estate(state.caches)});
  self->quit();
}

act::behavior_of<heir_actor> estate_collector(self_ptr self, estate_collector_options options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  act::init(self, state.watchers);
  return {
      [self](const inherit& left) { on(self, left); },
  };
}

}  // namespace

heir_actor spawn_estate_collector(caf::actor_system& system, estate_collector_options options) {
  return system.spawn(estate_collector, std::move(options));
}

}  // namespace rollcall
