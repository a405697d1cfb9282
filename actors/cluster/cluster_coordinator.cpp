#include "actors/cluster/cluster_coordinator.hpp"

#include "actors/cluster/fleet_reader.hpp"
#include "actors/cluster/loop_codec.hpp"
#include "lib/log/log.hpp"

namespace rollcall {

namespace {

using coordinator_impl = act::extended<cluster_coordinator_actor, void(round_due)>;
using self_ptr = act::self_ptr<coordinator_impl, cluster_coordinator_state>;

// What a series weighs in a body, when only their number is known.
constexpr uint64_t bytes_per_series = 80;

int64_t steady(self_ptr self) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(self->clock().now().time_since_epoch()).count();
}

int64_t wall(self_ptr self) { return act::state(self).options.environment->wall_clock(); }

bool may_assign(self_ptr self) {
  const auto& fence = act::state(self).options.may_assign;
  return !fence || fence->is_open(steady(self));
}

void send_all(self_ptr self) {
  auto& state = act::state(self);
  if (!may_assign(self)) return;
  for (auto& [node, said] : state.side->take_frames(steady(self))) {
    auto port = state.ports.find(node);
    if (port != state.ports.end()) act::tell(port->second, words{std::move(said)});
  }
}

// -- workers ----------------------------------------------------------------------------------------------------------

welcome refusal(const std::string& node, std::string why) {
  log::warn("cluster-coordinator", "A worker was refused", {{"node", node}, {"err", why}});
  return {std::move(why), {}, 0, {}};
}

welcome on(self_ptr self, const hello& worker) {
  auto& state = act::state(self);
  if (worker.version != cluster::protocol_version)
    return refusal(worker.node, "it speaks version " + std::to_string(worker.version) + " of the protocol, not " +
                                    std::to_string(cluster::protocol_version));
  bool is_name = !worker.node.empty() && worker.node.size() <= state.options.node_name_bytes_max;
  if (!is_name || !worker.port) return refusal(worker.node, "it does not say who it is");
  if (!may_assign(self)) return refusal(worker.node, "this coordinator does not lead any more");
  auto introduction = cluster::decode_introduction(worker.introduction);
  if (!introduction) return refusal(worker.node, introduction.error().message);
  auto accepted =
      state.side->introduce({worker.node, worker.zone, worker.node, 1}, *introduction, steady(self), wall(self));
  if (!accepted) return refusal(worker.node, accepted.error().message);
  log::info("cluster-coordinator", "A worker has joined",
            {{"node", worker.node},
             {"loops", std::to_string(introduction->held.size())},
             {"resumed", accepted->session == introduction->session ? "true" : "false"}});
  state.ports[worker.node] = worker.port;
  std::erase_if(state.sessions, [&](const auto& each) { return each.second == worker.node; });
  state.sessions[accepted->session] = worker.node;
  return {{}, cluster::encode(*accepted), accepted->epoch, {}};
}

void hear_observed(self_ptr self) {
  auto& state = act::state(self);
  for (const auto& [key, bytes] : state.side->take_observed()) {
    auto status = decode_status(bytes);
    auto entry = state.seats.find(key);
    if (!status || entry == state.seats.end()) continue;
    placement::scrape_measurement scrape{status->series, status->series * bytes_per_series, status->last_duration};
    if (status->health == target_health::up)
      state.side->weigh(key, placement::cost_of(scrape, entry->second.interval, state.options.costs));
    act::tell(entry->second.seat, loop_observed{std::move(*status)});
  }
}

void on(self_ptr self, const words& heard) {
  auto& state = act::state(self);
  auto taken = state.side->take(heard.said, steady(self), wall(self));
  if (!taken) {
    auto node = state.sessions.find(heard.said.session);
    log::warn("cluster-coordinator", "A worker was not understood",
              {{"node", node == state.sessions.end() ? std::string() : node->second}, {"err", taken.error().message}});
    if (node != state.sessions.end()) act::tell(state.ports.at(node->second), session_over{heard.said.session});
    return;
  }
  hear_observed(self);
  send_all(self);
}

// -- loops ------------------------------------------------------------------------------------------------------------

void on(self_ptr self, const want_loop& wanted) {
  auto& state = act::state(self);
  auto key = wanted.plan.key;
  auto id = wanted.seat.id();
  state.side->define(wanted.plan.settings, wanted.settings);
  state.side->want(wanted.plan, wanted.wish, wall(self));
  state.seats[key] = {wanted.seat, wanted.name, wanted.plan.interval};
  state.keys[id] = key;
  act::watch(self, state.watchers, wanted.seat, [self, id](const std::string&) {
    auto& state = act::state(self);
    auto node = state.keys.extract(id);
    if (node.empty()) return;
    auto entry = state.seats.find(node.mapped());
    if (entry == state.seats.end() || entry->second.seat.id() != id) return;
    state.side->orphan(node.mapped(), steady(self));
    state.seats.erase(entry);
  });
  if (auto gone = state.waiting_heirs.extract(id)) state.side->succeed(gone.mapped(), key, wall(self));
}

void on(self_ptr self, const change_loop& changed) {
  auto& state = act::state(self);
  state.side->define(changed.plan.settings, changed.settings);
  state.side->update(changed.plan);
  send_all(self);
}

void on(self_ptr self, const unwant_loop& order) {
  auto& state = act::state(self);
  auto heir = state.keys.find(order.heir_seat);
  bool is_replaced = heir != state.keys.end() && heir->second == order.key;
  if (!is_replaced) state.seats.erase(order.key);
  if (order.heir_seat == 0) {
    state.side->unwant(order.key, wall(self));
  } else if (heir != state.keys.end()) {
    state.side->succeed(order.key, heir->second, wall(self));
  } else {
    // The heir has not said yet what it is.
    state.waiting_heirs[order.heir_seat] = order.key;
  }
  send_all(self);
}

void on(self_ptr self, const round_due&) {
  auto& state = act::state(self);
  act::tell_self_after(self, state.options.round, round_due{});
  if (!may_assign(self)) return;
  state.side->run(steady(self), wall(self));
  send_all(self);
}

// -- questions --------------------------------------------------------------------------------------------------------

std::string_view to_text(placement::move_reason why) {
  switch (why) {
    case placement::move_reason::new_target:
      return "new target";
    case placement::move_reason::owner_left:
      return "its owner is gone";
    case placement::move_reason::drained:
      return "its owner is drained";
    case placement::move_reason::affinity:
      return "it wants to be there";
    case placement::move_reason::overloaded:
      return "its owner had too much";
    case placement::move_reason::underloaded:
      return "its new owner had too little";
  }
  return "";
}

move_view view_of(const cluster_coordinator_state& state, const cluster::move_record& move) {
  auto seat = state.seats.find(move.key);
  auto name = seat == state.seats.end() ? std::to_string(move.key) : seat->second.name;
  return {move.when, std::move(name), move.from, move.to, std::string(to_text(move.why))};
}

cluster_view view_of(self_ptr self) {
  const auto& state = act::state(self);
  const auto& side = *state.side;
  cluster_view view{"coordinator",
                    side.epoch(),
                    state.options.protocol.lease,
                    side.targets(),
                    side.handovers(),
                    side.takeovers(),
                    {side.copies().targets(), side.copies().bytes(), side.copies().left_out()},
                    {},
                    {},
                    {}};
  for (const auto& each : side.members(steady(self)))
    view.nodes.push_back({each.name, each.zone, each.loops, each.load.expense, each.items_waiting, each.session,
                          each.draining, each.silent_for});
  for (const auto& each : side.moves()) view.moves.push_back(view_of(state, each));
  return view;
}

places on(self_ptr self, const get_places& question) {
  const auto& state = act::state(self);
  places answer;
  answer.targets.reserve(question.keys.size());
  for (auto key : question.keys) {
    auto place = state.side->place_of(key);
    auto& shown = answer.targets.emplace_back();
    shown = {std::move(place.owner), std::move(place.next_owner), place.weight, {}};
    if (place.last_move) shown.last_move = view_of(state, *place.last_move);
  }
  return answer;
}

caf::result<fleet_report> on(self_ptr self, const get_fleet_report& question) {
  const auto& state = act::state(self);
  fleet_reader_options reader;
  reader.about = question.about;
  reader.deadline = state.options.report_deadline;
  // Who has left is not asked any more.
  for (const auto& each : state.side->members(steady(self)))
    if (auto port = state.ports.find(each.name); port != state.ports.end())
      reader.workers.emplace_back(each.name, port->second);
  return self->delegate(spawn_fleet_reader(self->system(), std::move(reader)), read_fleet{});
}

caf::result<answer_begun> on(self_ptr self, const get_answer& question) {
  auto answerer = act::state(self).options.handles->answerer.get();
  if (!answerer) return answer_begun{};
  return self->delegate(answerer, question);
}

act::behavior_of<coordinator_impl> cluster_coordinator(self_ptr self, cluster_coordinator_options options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  act::init(self, state.watchers);
  state.side = std::make_unique<cluster::coordinator_side>(state.options.protocol, steady(self));
  act::tell_self_after(self, state.options.round, round_due{});
  return {
      [self](const hello& worker) { return on(self, worker); },
      [self](const words& heard) { on(self, heard); },
      [self](const want_loop& wanted) { on(self, wanted); },
      [self](const change_loop& changed) { on(self, changed); },
      [self](const unwant_loop& order) { on(self, order); },
      [self](const configure_workers& order) {
        act::state(self).side->configure(std::make_shared<const std::string>(encode_delivery(*order.config)));
      },
      [self](const drain_node& order) { return node_drained{act::state(self).side->drain(order.name)}; },
      [self](const get_answer& question) { return on(self, question); },
      [self](const get_cluster&) { return view_of(self); },
      [self](const get_places& question) { return on(self, question); },
      [self](const get_fleet_report& question) { return on(self, question); },
      [self](const round_due& due) { on(self, due); },
  };
}

}  // namespace

cluster_coordinator_actor spawn_cluster_coordinator(caf::actor_system& system, cluster_coordinator_options options) {
  return system.spawn(cluster_coordinator, std::move(options));
}

}  // namespace rollcall
