#pragma once

#include "actors/act_net.hpp"
#include "actors/cluster_handles.hpp"
#include "actors/control/supervisor.hpp"
#include "actors/environment.hpp"
#include "app/cluster_flags.hpp"

#include <atomic>
#include <future>
#include <memory>
#include <string>

namespace rollcall {

/// What the actors of a cluster's node share with its main thread.
struct node_ties {
  std::shared_ptr<std::atomic<bool>> leaving = std::make_shared<std::atomic<bool>>(false);  ///< For a worker.
  std::shared_future<supervisor_actor> supervisor;  ///< Set as soon as it is there.
  cluster_handles_ptr handles;
};

/// Makes the actor system able to talk to other nodes.
void enable_cluster(caf::actor_system_config& config, const cluster_flags& flags);

/// How the node's connections are protected.
act::security security_of(const cluster_flags& flags);

/// The node's name: the one it was given, or its host's.
std::string name_of(const cluster_flags& flags);

/// A link to one of the coordinators at these addresses, HOST:PORT each. Null when none of them is one.
node_link_actor spawn_link(caf::actor_system& system, const environment_ptr& environment, const cluster_flags& flags,
                           coordinator_sink_actor sink, const std::vector<std::string>& addresses);

/// Tells people when connections are not protected.
void warn_of_insecurity(const cluster_flags& flags);

/// Tells this process from every other: never 0.
uint64_t draw_incarnation();

}  // namespace rollcall
