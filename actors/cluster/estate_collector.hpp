#pragma once

#include "actors/act.hpp"
#include "actors/cluster/cluster_worker.hpp"

namespace rollcall {

/// ESTATE SINK: whoever had a loop give up what it knew.
using estate_sink_actor = act::handle<
    // All of it.
    void(estate_collected)>;

struct estate_collector_options {
  cluster::tenancy which = cluster::no_tenancy;
  estate_sink_actor sink;
};

struct estate_collector_state : act::state_base {
  static inline const char* name = "estate-collector";

  estate_collector_options options;
  std::vector<std::shared_ptr<series::scrape_cache>> caches;
  act::watcher watchers;
};

/// The heir of a loop that another worker continues: turns what it inherits into bytes, once.
heir_actor spawn_estate_collector(caf::actor_system& system, estate_collector_options options);

}  // namespace rollcall
