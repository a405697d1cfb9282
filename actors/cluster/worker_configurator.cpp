#include "actors/cluster/worker_configurator.hpp"

#include "lib/base/duration.hpp"
#include "lib/log/log.hpp"

namespace rollcall {

namespace {

using self_ptr = act::self_ptr<write_manager_actor, worker_configurator_state>;

// Who takes over hears of it when the lease is over, and may not scrape before clocks that go fast have passed the
// tick.
void warn_of_short_intervals(const worker_configurator_options& options, const config& config) {
  auto needed = options.lease + options.skew_max;
  for (const auto& job : config.scrape_configs)
    if (job->scrape_interval < needed)
      log::warn("worker-configurator", "A worker that is killed costs targets of this job more than one scrape",
                {{"job", job->job_name},
                 {"scrape_interval", format_duration(job->scrape_interval)},
                 {"lease", format_duration(options.lease)}});
}

act::behavior_of<write_manager_actor> worker_configurator(self_ptr self, worker_configurator_options options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  act::init(self, state.watchers);
  return {
      [self](const apply_remote_write& order) {
        warn_of_short_intervals(act::state(self).options, *order.config);
        act::tell(act::state(self).options.coordinator, configure_workers{order.config});
      },
      [](const use_services&) {},
      [](const flush&) { return flushed{}; },
      [](const get_write_status&) { return write_status{}; },
      [](const settle_set_aside&) { return set_aside_settled{}; },
  };
}

}  // namespace

write_manager_actor spawn_worker_configurator(caf::actor_system& system, worker_configurator_options options) {
  return system.spawn(worker_configurator, std::move(options));
}

}  // namespace rollcall
