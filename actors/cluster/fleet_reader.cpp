#include "actors/cluster/fleet_reader.hpp"

#include "actors/cluster/report_codec.hpp"
#include "lib/log/log.hpp"

namespace rollcall {

namespace {

using self_ptr = act::self_ptr<fleet_reader_actor, fleet_reader_state>;

void finish_one(self_ptr self) {
  auto& state = act::state(self);
  if (--state.open > 0) return;
  state.promise.deliver(std::move(state.report));
  self->quit();
}

void give_up(self_ptr self, size_t worker, const std::string& why) {
  auto& state = act::state(self);
  const auto& name = state.options.workers[worker].first;
  log::warn("fleet-reader", "A worker does not say how its loops fare", {{"node", name}, {"err", why}});
  state.report.unheard.push_back(name);
  finish_one(self);
}

void ask_worker(self_ptr self, size_t worker, uint64_t after);

void on_page(self_ptr self, size_t worker, uint64_t after, const loops_page& page) {
  auto& state = act::state(self);
  state.bytes += page.entries.size();
  if (state.bytes > state.options.bytes_max) return give_up(self, worker, "the answers are too large");
  if (auto added = add_encoded(state.report, page.entries); !added) return give_up(self, worker, added.error().message);
  if (page.end == 0) return finish_one(self);
  if (page.end <= after) return give_up(self, worker, "a page does not end after its beginning");
  ask_worker(self, worker, page.end);
}

void ask_worker(self_ptr self, size_t worker, uint64_t after) {
  auto& state = act::state(self);
  auto left = state.end - self->clock().now();
  if (left <= left.zero()) return give_up(self, worker, "its time is over");
  act::ask(self, state.options.workers[worker].second, left, get_loops_page{state.options.about, after})
      .then([self, worker, after](const loops_page& page) { on_page(self, worker, after, page); },
            [self, worker](const caf::error& error) { give_up(self, worker, act::render(self->system(), error)); });
}

caf::result<fleet_report> on(self_ptr self, const read_fleet&) {
  auto& state = act::state(self);
  state.end = self->clock().now() + state.options.deadline;
  state.promise = self->make_response_promise<fleet_report>();
  auto promise = state.promise;
  // One more, so that nothing ends before everything has begun.
  state.open = state.options.workers.size() + 1;
  for (size_t worker = 0; worker < state.options.workers.size(); ++worker) ask_worker(self, worker, 0);
  finish_one(self);
  return promise;
}

act::behavior_of<fleet_reader_actor> fleet_reader(self_ptr self, fleet_reader_options options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  act::init(self, state.watchers);
  return {
      [self](const read_fleet& order) { return on(self, order); },
  };
}

}  // namespace

fleet_reader_actor spawn_fleet_reader(caf::actor_system& system, fleet_reader_options options) {
  return system.spawn(fleet_reader, std::move(options));
}

}  // namespace rollcall
