#include "lib/telemetry/provider_metrics.hpp"

namespace rollcall {

snapshot_store_metrics::snapshot_store_metrics(prometheus::Registry& registry)
    : set_(registry),
      written(set_.add_counter("rollcall_discovery_snapshots_written_total",
                               "Snapshots of discovered targets that were written to disk.")),
      failures(set_.add_counter("rollcall_discovery_snapshot_failures_total",
                                "Snapshots of discovered targets that could not be written to disk.")) {}

snapshot_metrics::snapshot_metrics(prometheus::Registry& registry, const std::string& mechanism,
                                   const std::string& config, const std::string& snapshot)
    : set_(registry, {{"mechanism", mechanism}, {"config", config}, {"snapshot", snapshot}}),
      timestamp(set_.add_gauge("rollcall_discovery_snapshot_timestamp_seconds",
                               "When targets that come from a snapshot were last confirmed by their source; there only "
                               "while they do.")) {}

removal_metrics::removal_metrics(prometheus::Registry& registry, const std::string& mechanism,
                                 const std::string& config)
    : set_(registry, {{"mechanism", mechanism}, {"config", config}}),
      held_targets(set_.add_gauge("rollcall_discovery_held_targets",
                                  "Targets that their source names no more and whose removal is held back.")),
      holds(set_.add_counter("rollcall_discovery_removals_held_total",
                             "How many times the removal of targets was held back.")) {}

}  // namespace rollcall
