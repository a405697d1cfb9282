#include "actors/cluster/leader_line.hpp"

namespace rollcall {

namespace {

using line_impl = act::extended<leader_line_actor, void(coordinator_found), void(coordinator_lost)>;
using self_ptr = act::self_ptr<line_impl, leader_line_state>;

void on(self_ptr self, const follow_leader& order) {
  auto& state = act::state(self);
  if (order.address == state.address) return;
  state.address = order.address;
  state.leader = nullptr;
  state.link.reset();
  if (state.address)
    state.link = state.options.spawn_link(self->system(), coordinator_sink_actor{line_impl{self}}, *state.address);
}

// That one does not lead.
void leave(self_ptr self, const coordinator_port_actor& asked) {
  auto& state = act::state(self);
  if (state.leader != asked) return;
  state.leader = nullptr;
  if (state.link) act::tell(state.link.get(), leave_coordinator{});
}

caf::result<answer_begun> on(self_ptr self, const get_answer& question) {
  auto& state = act::state(self);
  if (!state.leader) return answer_begun{};
  auto promise = self->make_response_promise<answer_begun>();
  act::ask(self, state.leader, state.options.answer_timeout, question)
      .then(
          [self, promise, asked = state.leader](answer_begun& answer) mutable {
            if (answer.status == 0) leave(self, asked);
            promise.deliver(std::move(answer));
          },
          [promise](caf::error&) mutable { promise.deliver(answer_begun{}); });
  return promise;
}

act::behavior_of<line_impl> leader_line(self_ptr self, leader_line_options options) {
  act::state(self).options = std::move(options);
  act::init(self, act::state(self).watchers);
  return {
      [self](const get_answer& question) { return on(self, question); },
      [self](const follow_leader& order) { on(self, order); },
      [self](const coordinator_found& found) { act::state(self).leader = found.coordinator; },
      [self](const coordinator_lost&) { act::state(self).leader = nullptr; },
  };
}

}  // namespace

leader_line_actor spawn_leader_line(caf::actor_system& system, leader_line_options options) {
  return system.spawn(leader_line, std::move(options));
}

}  // namespace rollcall
