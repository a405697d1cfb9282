#include "app/coordinator_wiring.hpp"

#include "actors/cluster/arbiter_client.hpp"
#include "actors/cluster/cluster_coordinator.hpp"
#include "actors/cluster/leader_gate.hpp"
#include "actors/cluster/leader_line.hpp"
#include "actors/cluster/node_link.hpp"
#include "actors/cluster/placed_loop.hpp"
#include "actors/io/http_client.hpp"
#include "lib/log/log.hpp"

namespace rollcall {

namespace {

// After a start a coordinator waits for workers to say what they have, and for the leases of those that do not.
constexpr int settling_percent_of_lease = 150;
// Of a leader that is stopped workers hear no more, and it takes them up to two and a half leases to notice.
constexpr int takeover_settling_percent_of_lease = 300;

loop_assignment assignment_of(scrape_loop_options& options) {
  loop_assignment assignment;
  assignment.settings = options.settings;
  assignment.request = options.target.request;
  assignment.visible = options.target.labels->set();
  assignment.identity = options.target.identity;
  assignment.interval = options.target.interval;
  assignment.timeout = options.target.timeout;
  assignment.phase = options.target.phase;
  assignment.forced_error = options.forced_error;
  return assignment;
}

bool is_one_of_several(const cluster_flags& flags) {
  return flags.role == cluster_role::coordinator && !flags.arbiter.empty();
}

cluster_coordinator_options coordinator_options_of(const environment_ptr& environment, const cluster_flags& flags,
                                                   const cluster_handles_ptr& handles) {
  cluster_coordinator_options options;
  options.environment = environment;
  options.handles = handles;
  options.protocol.lease = flags.lease;
  options.protocol.settling = flags.lease * settling_percent_of_lease / 100;
  options.protocol.copies_bytes_max = flags.copies_bytes_max;
  if (flags.moves_per_minute > 0) {
    options.protocol.placement.rebalancing_per_minute = flags.moves_per_minute;
    options.protocol.placement.rebalancing_share_per_minute = 0;
  }
  return options;
}

arbiter_client_actor spawn_arbiter(caf::actor_system& system, const environment_ptr& environment,
                                   const cluster_flags& flags, const cluster::named_arbiter& arbiter) {
  arbiter_client_options options;
  options.arbiter = arbiter;
  options.wall_clock = environment->wall_clock;
  options.spawn_http = [](caf::actor_system& system) { return spawn_http_client(system, {}); };
  options.timeout = flags.lease / 4;
  return spawn_arbiter_client(system, std::move(options));
}

// Who does not lead has its pages made by who does.
void show_leader(leader_gate_options& options, const environment_ptr& environment, const cluster_flags& flags,
                 const node_ties& ties) {
  auto line = std::make_shared<leader_line_actor>();
  auto show = [line, handles = ties.handles](duty now) {
    handles->elsewhere.set(now == duty::lead ? answerer_actor{} : answerer_actor{*line});
  };
  options.spawn_line = [environment, flags, line, show](caf::actor_system& system) {
    leader_line_options made;
    made.spawn_link = [environment, flags](caf::actor_system& system, coordinator_sink_actor sink,
                                           const std::string& address) {
      auto addresses = address.empty() ? flags.join : std::vector<std::string>{address};
      return spawn_link(system, environment, flags, std::move(sink), addresses);
    };
    *line = spawn_leader_line(system, std::move(made));
    show(duty::stand_by);
    return *line;
  };
  options.call = [ties, show](duty now) {
    show(now);
    act::tell(ties.supervisor.get(), set_duty{now});
  };
}

cluster_coordinator_actor spawn_gate(caf::actor_system& system, const environment_ptr& environment,
                                     const cluster_flags& flags, const node_ties& ties) {
  leader_gate_options options;
  options.environment = environment;
  options.leadership.holder = name_of(flags) + '-' + std::to_string(draw_incarnation());
  options.leadership.address = flags.advertise_address.empty() ? flags.listen_address : flags.advertise_address;
  options.leadership.lease = flags.lease;
  show_leader(options, environment, flags, ties);
  options.spawn_coordinator = [environment, flags, handles = ties.handles](caf::actor_system& system, uint64_t epoch,
                                                                           fence_ptr may_assign) {
    auto coordinator = coordinator_options_of(environment, flags, handles);
    coordinator.protocol.epoch = epoch;
    coordinator.protocol.settling = flags.lease * takeover_settling_percent_of_lease / 100;
    coordinator.may_assign = std::move(may_assign);
    return spawn_cluster_coordinator(system, std::move(coordinator));
  };
  auto arbiter = *find_arbiter(flags);
  options.voters = arbiter.voters;
  options.spawn_arbiter = [environment, flags, arbiter](caf::actor_system& system) {
    return spawn_arbiter(system, environment, flags, arbiter);
  };
  return spawn_leader_gate(system, std::move(options));
}

// Where workers find whoever is coordinator.
class coordinator_seat {
 public:
  coordinator_seat(environment_ptr environment, const cluster_flags& flags, node_ties ties, node_address address)
      : environment_(std::move(environment)), flags_(flags), ties_(std::move(ties)), address_(std::move(address)) {}

  // The coordinator, and why it has ended at once if nobody could reach it. Takes the moment that it takes:
  // the middleman answers on threads of its own.
  std::pair<cluster_coordinator_actor, result<void>> fill(caf::actor_system& system) {
    if (auto before = ties_.handles->coordinator.get()) leave(system, before);
    auto coordinator = is_one_of_several(flags_) ? spawn_gate(system, environment_, flags_, ties_)
                                                 : spawn_cluster_coordinator(system, next_options());
    ties_.handles->coordinator.set(coordinator);
    auto port =
        act::publish(system, coordinator_port_actor{coordinator}, address_.host, address_.port, security_of(flags_));
    if (port) {
      address_.port = *port;
      return {coordinator, {}};
    }
    act::stop(coordinator);
    return {coordinator, tl::unexpected(port.error())};
  }

  uint16_t port() const { return address_.port; }
  std::string address() const { return address_.host + ':' + std::to_string(address_.port); }

 private:
  void leave(caf::actor_system& system, const cluster_coordinator_actor& before) {
    act::unpublish(system, coordinator_port_actor{before}, address_.port, security_of(flags_));
    // Whether the next one leads is still to be found out.
    if (is_one_of_several(flags_)) act::tell(ties_.supervisor.get(), set_duty{duty::stand_by});
  }

  cluster_coordinator_options next_options() {
    // Above every one before, also of one that began within the same second.
    epoch_ = std::max(static_cast<uint64_t>(environment_->wall_clock() / 1000), epoch_ + 1);
    auto options = coordinator_options_of(environment_, flags_, ties_.handles);
    options.protocol.epoch = epoch_;
    return options;
  }

  environment_ptr environment_;
  cluster_flags flags_;
  node_ties ties_;
  node_address address_;
  uint64_t epoch_ = 0;
};

}  // namespace

duty first_duty(const cluster_flags& flags) { return is_one_of_several(flags) ? duty::stand_by : duty::lead; }

result<started_coordinator> start_coordinator(caf::actor_system& system, const environment_ptr& environment,
                                              const cluster_flags& flags, const node_ties& ties) {
  warn_of_insecurity(flags);
  auto address = parse_node_address(flags.listen_address);
  if (!address) return tl::unexpected(address.error());
  auto seat = std::make_shared<coordinator_seat>(environment, flags, ties, *address);
  auto [first, published] = seat->fill(system);
  if (!published) return tl::unexpected(published.error());
  log::info("main", "Waiting for workers", {{"address", seat->address()}});
  auto make = [seat, first = first](caf::actor_system& system) mutable {
    if (first) return std::exchange(first, nullptr);
    auto [next, published] = seat->fill(system);
    if (!published) log::error("main", "Workers cannot reach the coordinator", {{"err", published.error().message}});
    return next;
  };
  return started_coordinator{std::move(make), seat->port()};
}

void place_loops(scrape_manager_options& options, const cluster_coordinator_actor& coordinator,
                 const cluster_flags& flags) {
  auto rules = flags.placement;
  options.spawn_pool = [coordinator, rules](caf::actor_system& system, scrape_pool_options pool) {
    pool.spawn_loop = [coordinator, rules](caf::actor_system& system, scrape_loop_options loop) {
      return spawn_placed_loop(system, {coordinator, loop.environment, assignment_of(loop), rules});
    };
    return spawn_scrape_pool(system, std::move(pool));
  };
}

}  // namespace rollcall
