#include "app/cluster_wiring.hpp"

#include "actors/cluster/cluster_coordinator.hpp"
#include "actors/cluster/cluster_worker.hpp"
#include "actors/cluster/node_link.hpp"
#include "actors/cluster/placed_loop.hpp"
#include "actors/io/failure_log.hpp"
#include "lib/log/log.hpp"
#include "lib/telemetry/telemetry.hpp"

#include <unistd.h>

#include <random>

namespace rollcall {

namespace {

// Who has not been heard for so many leases is cut off.
constexpr int leases_of_silence = 2;
// After a start a coordinator waits for workers to say what they have, and for the leases of those that do not.
constexpr int settling_percent_of_lease = 150;

act::security security_of(const cluster_flags& flags) {
  return flags.certificate_file.empty() ? act::security::none : act::security::mutual_tls;
}

std::string node_name(const cluster_flags& flags) {
  if (!flags.node_name.empty()) return flags.node_name;
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

void warn_of_insecurity(const cluster_flags& flags) {
  if (security_of(flags) == act::security::mutual_tls) return;
  log::warn("main", "THE CLUSTER'S CONNECTIONS ARE NOT PROTECTED: whoever reaches the port has this process in hand");
}

uint64_t random_number() {
  std::random_device device;
  return static_cast<uint64_t>(device()) << 32 | device() | 1;
}

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

// The log of failed fetches on a worker, made when the first loop needs it.
struct worker_failure_log {
  std::mutex mutex;
  act::owned<failure_log_actor> log;

  failure_log_actor get(caf::actor_system& system, const loop_settings& settings) {
    if (settings.failure_log_file.empty()) return {};
    std::lock_guard lock(mutex);
    if (!log) log = spawn_failure_log(system);
    return log.get();
  }
};

scrape_loop_options loop_options(caf::actor_system& system, const environment_ptr& environment,
                                 const loop_assignment& assignment, services_ptr services,
                                 const std::shared_ptr<worker_failure_log>& failures) {
  scrape_loop_options options;
  options.settings = assignment.settings;
  options.target.request = assignment.request;
  options.target.labels = std::make_shared<series::target_labels>(assignment.visible);
  options.target.identity = assignment.identity;
  options.target.interval = assignment.interval;
  options.target.timeout = assignment.timeout;
  options.target.phase = assignment.phase;
  options.services = std::move(services);
  options.environment = environment;
  options.metrics = environment->metrics->interval(assignment.interval);
  options.dialer = environment->metrics->dialer(assignment.settings->job);
  options.failure_log = failures->get(system, *assignment.settings);
  options.forced_error = assignment.forced_error;
  options.from_before = assignment.from_before == cluster::estate::awaited ? legacy::awaited : legacy::none;
  return options;
}

// Where workers find whoever is coordinator.
class coordinator_seat {
 public:
  coordinator_seat(environment_ptr environment, const cluster_flags& flags, cluster_handles_ptr handles,
                   node_address address)
      : environment_(std::move(environment)),
        flags_(flags),
        handles_(std::move(handles)),
        address_(std::move(address)) {}

  // The coordinator, and why it has ended at once if nobody could reach it. Takes the moment that it takes:
  // the middleman answers on threads of its own.
  std::pair<cluster_coordinator_actor, result<void>> fill(caf::actor_system& system) {
    if (auto before = handles_->coordinator.get())
      act::unpublish(system, coordinator_port_actor{before}, address_.port, security_of(flags_));
    auto coordinator = spawn_cluster_coordinator(system, options());
    handles_->coordinator.set(coordinator);
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
  cluster_coordinator_options options() {
    // Above every one before, also of one that began within the same second.
    epoch_ = std::max(static_cast<uint64_t>(environment_->wall_clock() / 1000), epoch_ + 1);
    cluster_coordinator_options options;
    options.environment = environment_;
    options.handles = handles_;
    options.protocol.epoch = epoch_;
    options.protocol.lease = flags_.lease;
    options.protocol.settling = flags_.lease * settling_percent_of_lease / 100;
    if (flags_.moves_per_minute > 0) {
      options.protocol.placement.rebalancing_per_minute = flags_.moves_per_minute;
      options.protocol.placement.rebalancing_share_per_minute = 0;
    }
    return options;
  }

  environment_ptr environment_;
  cluster_flags flags_;
  cluster_handles_ptr handles_;
  node_address address_;
  uint64_t epoch_ = 0;
};

}  // namespace

void enable_cluster(caf::actor_system_config& config, const cluster_flags& flags) {
  act::enable_network(config, {flags.certificate_file, flags.key_file, flags.authority_file}, security_of(flags),
                      leases_of_silence * flags.lease);
}

result<started_coordinator> start_coordinator(caf::actor_system& system, const environment_ptr& environment,
                                              const cluster_flags& flags, const cluster_handles_ptr& handles) {
  warn_of_insecurity(flags);
  auto address = parse_node_address(flags.listen_address);
  if (!address) return tl::unexpected(address.error());
  auto seat = std::make_shared<coordinator_seat>(environment, flags, handles, *address);
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

std::function<scrape_manager_actor(caf::actor_system&, services_ptr)> worker_factory(const environment_ptr& environment,
                                                                                     const cluster_flags& flags,
                                                                                     const worker_ties& ties) {
  warn_of_insecurity(flags);
  auto failures = std::make_shared<worker_failure_log>();
  return [environment, flags, ties, failures](caf::actor_system& system, services_ptr services) {
    cluster_worker_options options;
    options.services = std::move(services);
    options.environment = environment;
    options.node = node_name(flags);
    options.zone = flags.zone;
    options.protocol.incarnation = random_number();
    options.protocol.policy =
        flags.on_lease_loss == lease_loss::stop ? cluster::lease_policy::strict : cluster::lease_policy::available;
    options.call.configured = [ties](config_ptr config) {
      act::tell(ties.supervisor.get(), apply_config{std::move(config)});
    };
    options.call.dismissed = [ties] { act::tell(ties.supervisor.get(), shut_down{}); };
    options.leaving = ties.leaving;
    options.drain_deadline = flags.drain_deadline;
    options.spawn_loop = [environment, failures](caf::actor_system& system, const loop_assignment& assignment,
                                                 services_ptr services) {
      return spawn_scrape_loop(system, loop_options(system, environment, assignment, std::move(services), failures));
    };
    options.spawn_link = [environment, flags](caf::actor_system& system, coordinator_sink_actor sink) {
      node_link_options link;
      link.environment = environment;
      link.sink = std::move(sink);
      link.kind = security_of(flags);
      for (const auto& each : flags.join)
        if (auto address = parse_node_address(each)) link.coordinators.push_back(*address);
      return spawn_node_link(system, std::move(link));
    };
    auto worker = spawn_cluster_worker(system, std::move(options));
    ties.handles->worker.set(worker);
    return scrape_manager_actor{worker};
  };
}

}  // namespace rollcall
