#include "app/worker_wiring.hpp"

#include "actors/cluster/cluster_worker.hpp"
#include "actors/cluster/node_link.hpp"
#include "actors/io/failure_log.hpp"
#include "actors/scrape/scrape_loop.hpp"
#include "lib/telemetry/telemetry.hpp"

namespace rollcall {

namespace {

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

}  // namespace

std::function<scrape_manager_actor(caf::actor_system&, services_ptr)> worker_factory(const environment_ptr& environment,
                                                                                     const cluster_flags& flags,
                                                                                     const node_ties& ties) {
  warn_of_insecurity(flags);
  auto failures = std::make_shared<worker_failure_log>();
  return [environment, flags, ties, failures](caf::actor_system& system, services_ptr services) {
    cluster_worker_options options;
    options.services = std::move(services);
    options.environment = environment;
    options.node = name_of(flags);
    options.zone = flags.zone;
    options.coordinators = flags.join.size();
    options.protocol.incarnation = draw_incarnation();
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
      return spawn_link(system, environment, flags, std::move(sink), flags.join);
    };
    auto worker = spawn_cluster_worker(system, std::move(options));
    ties.handles->worker.set(worker);
    ties.handles->elsewhere.set(answerer_actor{worker});
    return scrape_manager_actor{worker};
  };
}

}  // namespace rollcall
