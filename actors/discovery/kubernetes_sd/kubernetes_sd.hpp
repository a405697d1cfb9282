#pragma once

#include "actors/discovery/kubernetes_sd/catalog.hpp"
#include "actors/discovery/kubernetes_sd/cluster_access.hpp"
#include "actors/discovery/kubernetes_sd/kubernetes_sd_options.hpp"
#include "actors/discovery/kubernetes_sd/kubernetes_watches.hpp"
#include "actors/discovery/kubernetes_sd/watch_plan.hpp"
#include "actors/discovery/mechanism.hpp"

#include <memory>
#include <string>
#include <vector>

namespace rollcall {

struct kubernetes_sd_state : act::state_base {
  static inline const char* name = "kubernetes-sd";

  kubernetes_sd_state() : catalog(kubernetes::resource::pod, {}) {}

  std::shared_ptr<const kubernetes_sd_options> options;
  discoverer_context context;
  kubernetes::pod_surroundings surroundings;
  discoverer_status status;
  std::optional<kubernetes::cluster_access> access;  // What the watches use; nothing before it is known.
  std::string own_namespace;
  std::string file_error;             // Of the file that the access or the namespace comes from.
  std::vector<shared_watch> watches;  // As planned.
  watch_id first_watch = 0;           // Identifies the first of them; lower ones are no more.
  watch_progress progress;
  kubernetes::catalog catalog;
  bool complete = false;  // Whether everything there is has been told.
  act::watcher watchers;
};

/// kubernetes_sd_configs: targets from the objects of a Kubernetes cluster, followed as they change.
discovery_mechanism kubernetes_sd();

/// With surroundings other than this process's own.
discoverer_actor spawn_kubernetes_sd(caf::actor_system& system, const sd_options_ptr& options,
                                     discoverer_context context, kubernetes::pod_surroundings surroundings);

}  // namespace rollcall
