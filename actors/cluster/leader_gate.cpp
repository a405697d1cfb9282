#include "actors/cluster/leader_gate.hpp"

#include "actors/cluster/elected_claim.hpp"
#include "actors/cluster/register_claim.hpp"
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
  for (const auto& [node, port] : std::exchange(state.ports, {})) act::tell(port, state.claim->farewell());
  state.options.call(duty::stand_by);
}

void lead(self_ptr self, uint64_t epoch) {
  auto& state = act::state(self);
  log::info("leader-gate", "This coordinator leads", {{"epoch", std::to_string(epoch)}});
  state.epoch = epoch;
  state.may_assign->open_until(state.claim->leads_until());
  state.coordinator = state.options.spawn_coordinator(self->system(), epoch, state.may_assign);
  act::watch(self, state.watchers, state.coordinator.get(), [self](const std::string& error) {
    auto& state = act::state(self);
    log::error("leader-gate", "The coordinator ended; another one begins", {{"err", error}});
    state.coordinator.release();
    state.claim->give_up();
    stand_by(self);
  });
  if (state.configuration) act::tell(state.coordinator.get(), *state.configuration);
  state.options.call(duty::lead);
}

// What is done, and what is passed on, depends on whether this process leads at this very moment.
bool is_leading(self_ptr self) {
  auto& state = act::state(self);
  auto epoch = state.claim->epoch_led(steady(self));
  if (epoch == state.epoch) return epoch.has_value();
  if (state.epoch) stand_by(self);
  if (epoch && !state.is_ending) lead(self, *epoch);
  return state.epoch.has_value();
}

// -- the claim --------------------------------------------------------------------------------------------------------

void follow(leader_gate_state& state) {
  if (!state.line) return;
  std::optional<std::string> address;
  if (!state.epoch) address = state.claim->known().address;
  if (address == state.options.leadership.address) address.emplace();
  act::tell(state.line.get(), follow_leader{std::move(address)});
}

void proceed(self_ptr self) {
  auto& state = act::state(self);
  if (is_leading(self)) state.may_assign->open_until(state.claim->leads_until());
  follow(state);
  if (state.is_ending && !state.claim->is_resigning()) return self->quit();
  state.claim->proceed(steady(self), wall(self));
}

void consult_arbiter(self_ptr self, const cluster::leadership::step& step, std::chrono::milliseconds timeout,
                     const consulted_callback& then) {
  auto hear = [self, then](const consulted& answer) {
    then(answer, steady(self));
    proceed(self);
  };
  act::ask(self, act::state(self).arbiter.get(), timeout, consult{step}).then(hear, [hear](const caf::error&) {
    hear({"it takes too long", {}, {}});
  });
}

std::unique_ptr<claim> make_claim(self_ptr self) {
  auto& state = act::state(self);
  const auto& options = state.options;
  if (!options.voters.empty())
    return std::make_unique<elected_claim>(
        cluster::election_options{options.leadership.holder, options.leadership.address, options.leadership.lease,
                                  options.voters},
        options.environment->random_unit);
  state.arbiter = options.spawn_arbiter(self->system());
  return std::make_unique<register_claim>(options.leadership, [self](const auto& step, auto timeout, const auto& then) {
    consult_arbiter(self, step, timeout, then);
  });
}

void on(self_ptr self, const leadership_due&) {
  auto& state = act::state(self);
  act::tell_self_after(self, state.claim->period() / looks_per_period, leadership_due{});
  proceed(self);
}

// Whoever wants to lead need not wait for the end of the lease.
void end(self_ptr self) {
  auto& state = act::state(self);
  if (std::exchange(state.is_ending, true)) return self->quit();
  state.claim->resign();
  proceed(self);
}

// -- workers ----------------------------------------------------------------------------------------------------------

template <class Order>
void pass_on(self_ptr self, const Order& order) {
  if (is_leading(self)) act::tell(act::state(self).coordinator.get(), order);
}

welcome refusal(const leader_gate_state& state) {
  auto known = state.claim->known();
  auto why =
      "it does not lead; " + (known.address.empty() ? "nobody is known to at the moment" : "ask " + known.address);
  return {std::move(why), {}, known.epoch, std::move(known.address)};
}

// A member knows by the address that there may be others.
void admit(self_ptr self, const hello& worker, welcome& answer) {
  auto& state = act::state(self);
  if (!answer.refusal.empty()) return;
  state.ports[worker.node] = worker.port;
  state.claim->admit(worker.node, answer);
  answer.leader = state.options.leadership.address;
}

caf::result<welcome> on(self_ptr self, const hello& worker) {
  auto& state = act::state(self);
  if (auto words = cluster::decode_introduction(worker.introduction)) state.claim->hear_of(words->epoch);
  // This worker's promise may be the one that is missing, so who leads is seen after it.
  auto answer = state.claim->receive(worker, steady(self), wall(self));
  bool is_leader = is_leading(self);
  if (answer) return std::move(*answer);
  if (!is_leader) return refusal(state);
  auto promise = self->make_response_promise<welcome>();
  act::ask(self, state.coordinator.get(), state.options.hello_timeout, worker)
      .then(
          [self, promise, worker](welcome& answer) mutable {
            admit(self, worker, answer);
            promise.deliver(std::move(answer));
          },
          [promise](caf::error& error) mutable { promise.deliver(std::move(error)); });
  return promise;
}

void on(self_ptr self, const words& heard) {
  act::state(self).claim->hear(heard, steady(self));
  pass_on(self, heard);
}

cluster_view view_of(const leader_gate_state& state) {
  auto known = state.claim->known();
  cluster_view view;
  view.role = "standby";
  view.lease = state.options.leadership.lease;
  view.epoch = known.epoch;
  view.leader = std::move(known.address);
  return view;
}

// -- everything else --------------------------------------------------------------------------------------------------

template <class Answer, class Question>
caf::result<Answer> ask_coordinator(self_ptr self, const Question& question, Answer otherwise) {
  if (!is_leading(self)) return otherwise;
  return self->delegate(act::state(self).coordinator.get(), question);
}

act::behavior_of<gate_impl> leader_gate(self_ptr self, leader_gate_options options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  act::init(self, state.watchers);
  act::on_stop(self, [self] { end(self); });
  state.claim = make_claim(self);
  if (state.options.spawn_line) state.line = state.options.spawn_line(self->system());
  act::tell(gate_impl{self}, leadership_due{});
  return {
      [self](const hello& worker) { return on(self, worker); },
      [self](const words& heard) { on(self, heard); },
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
