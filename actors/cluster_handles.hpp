#pragma once

#include "messages/nodes.hpp"

#include <memory>
#include <mutex>
#include <utility>

namespace rollcall {

/// Who has a role at the moment; null while nobody has. Safe from any thread.
template <class Handle>
class current {
 public:
  Handle get() const {
    std::lock_guard lock(mutex_);
    return actor_;
  }
  void set(Handle actor) {
    std::lock_guard lock(mutex_);
    actor_ = std::move(actor);
  }

 private:
  mutable std::mutex mutex_;
  Handle actor_;
};

/// The actors by which a process takes part in a cluster, for those who are not told of their restarts. Must not
/// outlive the actors' system.
struct cluster_handles {
  current<cluster_coordinator_actor> coordinator;
  current<cluster_worker_actor> worker;
  current<answerer_actor> answerer;
  current<answerer_actor> elsewhere;  ///< Has the whole cluster shown by another node, where this one does not show it.
};

using cluster_handles_ptr = std::shared_ptr<cluster_handles>;

}  // namespace rollcall
