#pragma once

#include "lib/telemetry/metric_set.hpp"

#include <string>

/// What makes discovery survive: snapshots on disk, and removals that are held back.
namespace rollcall {

/// The store of snapshots.
class snapshot_store_metrics {
  metric_set set_;

 public:
  explicit snapshot_store_metrics(prometheus::Registry& registry);

  counter& written;
  counter& failures;
};

/// One discovery, for as long as its targets come from a snapshot. `config` is the first job that uses it.
class snapshot_metrics {
  metric_set set_;

 public:
  snapshot_metrics(prometheus::Registry& registry, const std::string& mechanism, const std::string& config,
                   const std::string& snapshot);

  gauge& timestamp;  ///< When the targets were confirmed, in seconds since the Unix epoch.
};

/// Discoveries of one mechanism and job that have held removals back.
class removal_metrics {
  metric_set set_;

 public:
  removal_metrics(prometheus::Registry& registry, const std::string& mechanism, const std::string& config);

  gauge& held_targets;  ///< Of all discoveries that share the group: each adds its own.
  counter& holds;
};

}  // namespace rollcall
