#include "actors/cluster/node_link.hpp"

#include "actors/cluster/tcp_probe.hpp"
#include "lib/log/log.hpp"

#include <charconv>

namespace rollcall {

namespace {

using link_impl = act::extended<node_link_actor, void(connect_due), void(probed)>;
using self_ptr = act::self_ptr<link_impl, node_link_state>;

const node_address& current(const node_link_state& state) {
  return state.options.coordinators[state.next % state.options.coordinators.size()];
}

void try_later(self_ptr self) {
  auto& state = act::state(self);
  auto wait = state.retry.next(state.options.environment->random_unit());
  act::tell_self_after(self, wait, connect_due{++state.generation});
}

void give_up(self_ptr self, const std::string& why) {
  auto& state = act::state(self);
  const auto& address = current(state);
  log::warn("node-link", "Cannot connect to the coordinator",
            {{"address", address.host + ':' + std::to_string(address.port)}, {"err", why}});
  ++state.next;
  try_later(self);
}

// The middleman connects on its one thread and blocks all others meanwhile, so it is not asked before somebody has
// answered.
void on(self_ptr self, const connect_due& due) {
  auto& state = act::state(self);
  if (due.generation != state.generation || state.connected) return;
  auto me = link_impl{self};
  state.prober =
      std::jthread([me, generation = due.generation, address = current(state), timeout = state.options.probe_timeout] {
        act::tell(me, probed{generation, tcp_probe(address.host, address.port, timeout)});
      });
}

void connected(self_ptr self, const coordinator_port_actor& coordinator) {
  auto& state = act::state(self);
  state.connected = coordinator;
  state.retry.reset();
  act::watch(self, state.watchers, coordinator, [self](const std::string& error) {
    auto& state = act::state(self);
    state.connected = nullptr;
    // Another one may lead by now.
    ++state.next;
    act::tell(state.options.sink, coordinator_lost{error.empty() ? "the coordinator has ended" : error});
    try_later(self);
  });
  act::tell(state.options.sink, coordinator_found{coordinator});
}

void on(self_ptr self, const probed& outcome) {
  auto& state = act::state(self);
  if (outcome.generation != state.generation || state.connected) return;
  if (!outcome.error.empty()) return give_up(self, outcome.error);
  const auto& address = current(state);
  act::connect<coordinator_port_actor>(
      self, state.options.kind, address.host, address.port, state.options.connect_timeout,
      [self](const coordinator_port_actor& coordinator) { connected(self, coordinator); },
      [self](const std::string& why) { give_up(self, why); });
}

void on(self_ptr self, const leave_coordinator&) {
  auto& state = act::state(self);
  if (!state.connected) return;
  act::unwatch(self, state.watchers, state.connected);
  state.connected = nullptr;
  ++state.next;
  try_later(self);
}

act::behavior_of<link_impl> node_link(self_ptr self, node_link_options options) {
  auto& state = act::state(self);
  state.retry = backoff(options.retry);
  state.options = std::move(options);
  act::init(self, state.watchers);
  act::tell(link_impl{self}, connect_due{state.generation});
  return {
      [self](const leave_coordinator& order) { on(self, order); },
      [self](const connect_due& due) { on(self, due); },
      [self](const probed& outcome) { on(self, outcome); },
  };
}

}  // namespace

result<node_address> parse_node_address(const std::string& text) {
  auto colon = text.rfind(':');
  node_address address;
  if (colon == std::string::npos) return fail(errc::syntax, "\"" + text + "\" has no port");
  address.host = text.substr(0, colon);
  if (address.host.starts_with('[') && address.host.ends_with(']'))
    address.host = address.host.substr(1, address.host.size() - 2);
  const char* end = text.data() + text.size();
  auto read = std::from_chars(text.data() + colon + 1, end, address.port);
  if (read.ec != std::errc() || read.ptr != end) return fail(errc::syntax, "\"" + text + "\" has no valid port");
  return address;
}

node_link_actor spawn_node_link(caf::actor_system& system, node_link_options options) {
  return system.spawn(node_link, std::move(options));
}

}  // namespace rollcall
