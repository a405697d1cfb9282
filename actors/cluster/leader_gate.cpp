#include "actors/cluster/leader_gate.hpp"

#include "lib/log/log.hpp"

namespace rollcall {

namespace {

using gate_impl = act::extended<cluster_coordinator_actor, void(leadership_due)>;
using self_ptr = act::self_ptr<gate_impl, leader_gate_state>;

// How often to look, in shares of the time between two steps.
constexpr int looks_per_period = 4;

int64_t steady(self_ptr self) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(self->clock().now().time_since_epoch()).count();
}

int64_t wall(self_ptr self) { return act::state(self).options.environment->wall_clock(); }

// -- duty -------------------------------------------------------------------------------------------------------------

void stand_by(self_ptr self) {
  auto& state = act::state(self);
  log::warn("leader-gate", "This coordinator leads no more", {{"epoch", std::to_string(*state.epoch)}});
  state.epoch.reset();
  state.may_assign->close();
  act::unwatch(self, state.watchers, state.coordinator.get());
  state.coordinator.reset();
  // They look for another coordinator instead of waiting for this one.
  for (const auto& [node, port] : std::exchange(state.ports, {})) act::tell(port, session_over{});
  state.options.call(duty::stand_by);
}

void lead(self_ptr self, uint64_t epoch) {
  auto& state = act::state(self);
  log::info("leader-gate", "This coordinator leads", {{"epoch", std::to_string(epoch)}});
  state.epoch = epoch;
  state.may_assign->open_until(state.leadership->leads_until());
  state.coordinator = state.options.spawn_coordinator(self->system(), epoch, state.may_assign);
  act::watch(self, state.watchers, state.coordinator.get(), [self](const std::string& error) {
    auto& state = act::state(self);
    log::error("leader-gate", "The coordinator ended; another one begins", {{"err", error}});
    state.coordinator.release();
    state.leadership->give_up();
    stand_by(self);
  });
  if (state.configuration) act::tell(state.coordinator.get(), *state.configuration);
  state.options.call(duty::lead);
}

// What is done, and what is passed on, depends on whether this process leads at this very moment.
bool is_leading(self_ptr self) {
  auto& state = act::state(self);
  auto epoch = state.leadership->epoch_led(steady(self));
  if (epoch == state.epoch) return epoch.has_value();
  if (state.epoch) stand_by(self);
  if (epoch && !state.is_ending) lead(self, *epoch);
  return state.epoch.has_value();
}

// -- arbiter ----------------------------------------------------------------------------------------------------------

void proceed(self_ptr self);

void hear(self_ptr self, const cluster::leadership::step& step, const consulted& answer) {
  auto& leadership = *act::state(self).leadership;
  if (!answer.error.empty()) {
    log::warn("leader-gate", "The arbiter does not answer", {{"err", answer.error}});
    // Others wait for the end of the lease then.
    if (act::state(self).is_ending) return self->quit();
    leadership.on_failure();
  } else if (std::holds_alternative<cluster::leadership::read>(step)) {
    leadership.on_content(answer.content, steady(self));
  } else {
    leadership.on_outcome(answer.outcome, steady(self));
  }
  proceed(self);
}

void proceed(self_ptr self) {
  auto& state = act::state(self);
  auto& leadership = *state.leadership;
  if (is_leading(self)) state.may_assign->open_until(leadership.leads_until());
  if (state.is_ending && !leadership.is_resigning()) return self->quit();
  auto step = leadership.next(steady(self), wall(self));
  if (!step) return;
  act::ask(self, state.arbiter.get(), 2 * leadership.period(), consult{*step})
      .then([self, step = *step](const consulted& answer) { hear(self, step, answer); },
            [self, step = *step](const caf::error&) { hear(self, step, {"it takes too long", {}, {}}); });
}

void on(self_ptr self, const leadership_due&) {
  auto& state = act::state(self);
  act::tell_self_after(self, state.leadership->period() / looks_per_period, leadership_due{});
  proceed(self);
}

// The arbiter is told, and whoever wants to lead need not wait for the end of the lease.
void end(self_ptr self) {
  auto& state = act::state(self);
  if (std::exchange(state.is_ending, true)) return self->quit();
  state.leadership->resign();
  proceed(self);
}

// -- workers ----------------------------------------------------------------------------------------------------------

welcome refusal(const leader_gate_state& state) {
  const auto& known = state.leadership->known();
  bool is_anybody = known && !known->holder.empty() && known->holder != state.options.leadership.holder;
  auto address = is_anybody ? known->address : std::string();
  auto why = "it does not lead; " + (is_anybody ? "ask " + address : std::string("nobody does at the moment"));
  return {std::move(why), {}, known ? known->epoch : 0, std::move(address)};
}

caf::result<welcome> on(self_ptr self, const hello& worker) {
  auto& state = act::state(self);
  if (auto words = cluster::decode_introduction(worker.introduction)) state.leadership->hear_of(words->epoch);
  if (!is_leading(self)) return refusal(state);
  auto promise = self->make_response_promise<welcome>();
  act::ask(self, state.coordinator.get(), state.options.hello_timeout, worker)
      .then(
          [self, promise, node = worker.node, port = worker.port](welcome& answer) mutable {
            if (answer.refusal.empty()) act::state(self).ports[node] = port;
            promise.deliver(std::move(answer));
          },
          [promise](caf::error& error) mutable { promise.deliver(std::move(error)); });
  return promise;
}

cluster_view view_of(const leader_gate_state& state) {
  const auto& known = state.leadership->known();
  cluster_view view;
  view.role = "standby";
  view.lease = state.options.leadership.lease;
  view.epoch = known ? known->epoch : 0;
  view.leader = known ? known->address : std::string();
  return view;
}

// -- everything else --------------------------------------------------------------------------------------------------

template <class Order>
void pass_on(self_ptr self, const Order& order) {
  if (is_leading(self)) act::tell(act::state(self).coordinator.get(), order);
}

template <class Answer, class Question>
caf::result<Answer> ask_coordinator(self_ptr self, const Question& question, Answer otherwise) {
  if (!is_leading(self)) return otherwise;
  return self->delegate(act::state(self).coordinator.get(), question);
}

act::behavior_of<gate_impl> leader_gate(self_ptr self, leader_gate_options options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  state.leadership.emplace(state.options.leadership);
  act::init(self, state.watchers);
  act::on_stop(self, [self] { end(self); });
  state.arbiter = state.options.spawn_arbiter(self->system());
  act::tell(gate_impl{self}, leadership_due{});
  return {
      [self](const hello& worker) { return on(self, worker); },
      [self](const words& heard) { pass_on(self, heard); },
      [self](const want_loop& wanted) { pass_on(self, wanted); },
      [self](const change_loop& changed) { pass_on(self, changed); },
      [self](const unwant_loop& order) { pass_on(self, order); },
      [self](const configure_workers& order) {
        act::state(self).configuration = order;
        pass_on(self, order);
      },
      [self](const drain_node& order) { return ask_coordinator(self, order, node_drained{}); },
      [self](const get_answer& question) { return ask_coordinator(self, question, answer_begun{}); },
      [self](const get_cluster& question) { return ask_coordinator(self, question, view_of(act::state(self))); },
      [self](const get_places& question) { return ask_coordinator(self, question, places{}); },
      [self](const get_fleet_report& question) { return ask_coordinator(self, question, fleet_report{}); },
      [self](const leadership_due& due) { on(self, due); },
  };
}

}  // namespace

cluster_coordinator_actor spawn_leader_gate(caf::actor_system& system, leader_gate_options options) {
  return system.spawn(leader_gate, std::move(options));
}

}  // namespace rollcall
