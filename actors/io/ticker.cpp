#include "actors/io/ticker.hpp"

#include "lib/targets/schedule.hpp"

#include <cstdlib>

namespace rollcall {

namespace {

using ticker_impl = act::extended<ticker_actor, void(wheel_due)>;
using self_ptr = act::self_ptr<ticker_impl, ticker_state>;

int64_t actor_milliseconds(self_ptr self) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(self->clock().now().time_since_epoch()).count();
}

// Asks for a wake-up at the wheel's next time, unless one is pending that comes early enough.
void arm(self_ptr self) {
  auto& state = act::state(self);
  auto next = state.wheel.next_due();
  if (!next || (state.armed_for != 0 && state.armed_for <= *next)) return;
  state.armed_for = *next;
  auto wait = std::max<int64_t>(*next - state.options.environment->wall_clock(), 0);
  act::tell_self_after(self, std::chrono::milliseconds(wait), wheel_due{++state.generation});
}

void set_next(self_ptr self, uint64_t key, int64_t after) {
  auto& state = act::state(self);
  const auto& order = state.entries.at(key);
  state.wheel.set(key, next_due(std::chrono::milliseconds(after), order.interval, order.phase).count());
}

void remove(self_ptr self, uint64_t key) {
  auto& state = act::state(self);
  auto found = state.entries.find(key);
  if (found == state.entries.end()) return;
  act::unwatch(self, state.watchers, found->second.sink);
  state.entries.erase(found);
  state.wheel.remove(key);
}

void on(self_ptr self, schedule& order) {
  auto& state = act::state(self);
  uint64_t key = order.sink.id();
  remove(self, key);
  act::watch(self, state.watchers, order.sink, [self, key](const std::string&) { remove(self, key); });
  state.entries.emplace(key, std::move(order));
  set_next(self, key, state.options.environment->wall_clock());
  arm(self);
}

void on(self_ptr self, const unschedule& order) { remove(self, order.sink.id()); }

// After a step of the wall clock no time in the wheel means anything any more.
void reset_after_clock_step(self_ptr self, int64_t now) {
  auto& state = act::state(self);
  auto offset = now - actor_milliseconds(self);
  bool stepped = std::abs(offset - state.clock_offset) > state.options.clock_step_max;
  state.clock_offset = offset;
  if (!stepped) return;
  for (const auto& [key, entry] : state.entries) set_next(self, key, now);
}

void on(self_ptr self, const wheel_due& due) {
  auto& state = act::state(self);
  if (due.generation != state.generation) return;
  state.armed_for = 0;
  auto now = state.options.environment->wall_clock();
  reset_after_clock_step(self, now);
  // The actor clock may be up to a millisecond ahead of the wall clock's truncated one.
  for (const auto& fired : state.wheel.take_due(now + 1)) {
    act::tell(state.entries.at(fired.which).sink, tick{fired.due});
    set_next(self, fired.which, std::max(now, fired.due));
  }
  arm(self);
}

act::behavior_of<ticker_impl> ticker(self_ptr self, ticker_options options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  state.clock_offset = state.options.environment->wall_clock() - actor_milliseconds(self);
  act::init(self, state.watchers);
  return {
      [self](schedule& order) { on(self, order); },
      [self](const unschedule& order) { on(self, order); },
      [self](const wheel_due& due) { on(self, due); },
  };
}

}  // namespace

ticker_actor spawn_ticker(caf::actor_system& system, ticker_options options) {
  return system.spawn(ticker, std::move(options));
}

}  // namespace rollcall
