#pragma once

#include "actors/cluster_handles.hpp"
#include "actors/control/supervisor.hpp"
#include "actors/environment.hpp"
#include "actors/scrape/scrape_manager.hpp"
#include "app/cluster_flags.hpp"
#include "lib/base/result.hpp"
#include "messages/nodes.hpp"

#include <atomic>
#include <functional>
#include <future>
#include <memory>

namespace rollcall {

/// Makes the actor system able to talk to other nodes.
void enable_cluster(caf::actor_system_config& config, const cluster_flags& flags);

/// Starts a coordinator, and each time it is called again one in its place, reachable for workers at the same address.
/// One that cannot be reached ends.
using coordinator_factory = std::function<cluster_coordinator_actor(caf::actor_system&)>;

/// Whom workers find, and where.
struct started_coordinator {
  coordinator_factory make;  ///< Gives the one that was started first.
  uint16_t port = 0;
};

/// Starts the first coordinator. Errors: errc::io.
result<started_coordinator> start_coordinator(caf::actor_system& system, const environment_ptr& environment,
                                              const cluster_flags& flags, const cluster_handles_ptr& handles);

/// Has the loops of these pools run on workers.
void place_loops(scrape_manager_options& options, const cluster_coordinator_actor& coordinator,
                 const cluster_flags& flags);

/// What a worker's actors share with its main thread.
struct worker_ties {
  std::shared_ptr<std::atomic<bool>> leaving = std::make_shared<std::atomic<bool>>(false);
  std::shared_future<supervisor_actor> supervisor;  ///< Set as soon as it is there.
  cluster_handles_ptr handles;
};

/// Starts what takes the place of a scrape manager on a worker. The supervisor is told the configuration that comes,
/// and to shut down once everything is given away.
std::function<scrape_manager_actor(caf::actor_system&, services_ptr)> worker_factory(const environment_ptr& environment,
                                                                                     const cluster_flags& flags,
                                                                                     const worker_ties& ties);

}  // namespace rollcall
