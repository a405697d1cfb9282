#include "actors/cluster/estate_copier.hpp"

#include "lib/cluster/series_estate.hpp"

namespace rollcall {

namespace {

using copier_impl = act::extended<estate_copier_actor, void(pause_over)>;
using self_ptr = act::self_ptr<copier_impl, estate_copier_state>;

void copy(estate_copier_state& state, const copied_loop& loop, const outlines& known) {
  if (known.caches.empty()) return;
  auto written = cluster::encode_estate(known.caches);
  state.bytes += written.size();
  act::tell(state.options.sink, estate_copied{loop.which, state.options.session, known.version, std::move(written)});
}

// One after the other: outlines keep series in memory that their loops know no more.
void copy_next(self_ptr self) {
  auto& state = act::state(self);
  if (state.next == state.options.loops.size()) {
    std::chrono::milliseconds pause(1000 * state.bytes / state.options.bytes_per_second);
    return act::tell_self_after(self, pause, pause_over{});
  }
  const auto& loop = state.options.loops[state.next++];
  act::ask(self, loop.loop, state.options.loop_timeout, get_outlines{loop.version})
      .then(
          [self, &loop](const outlines& known) {
            copy(act::state(self), loop, known);
            copy_next(self);
          },
          [self](const caf::error&) { copy_next(self); });
}

caf::result<copies_made> on(self_ptr self, const make_copies&) {
  auto& state = act::state(self);
  state.asked = self->make_response_promise<copies_made>();
  copy_next(self);
  return *state.asked;
}

void on(self_ptr self, const pause_over&) {
  act::state(self).asked->deliver(copies_made{});
  self->quit();
}

act::behavior_of<copier_impl> estate_copier(self_ptr self, estate_copier_options options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  act::init(self, state.watchers);
  return {
      [self](const make_copies& order) { return on(self, order); },
      [self](const pause_over& due) { on(self, due); },
  };
}

}  // namespace

estate_copier_actor spawn_estate_copier(caf::actor_system& system, estate_copier_options options) {
  return system.spawn(estate_copier, std::move(options));
}

}  // namespace rollcall
