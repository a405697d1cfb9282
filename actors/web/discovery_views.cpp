#include "actors/web/discovery_views.hpp"

namespace rollcall {

std::vector<web::provider_view> provider_views(const discovery_status& status) {
  std::vector<web::provider_view> views;
  views.reserve(status.providers.size());
  for (const auto& each : status.providers)
    views.push_back({.mechanism = each.mechanism,
                     .jobs = each.jobs,
                     .running = each.running,
                     .delivered = each.delivered,
                     .last_success = each.last_success,
                     .last_error = each.last_error,
                     .restarts = each.restarts,
                     .refreshes = each.refreshes,
                     .failures = each.failures,
                     .targets = each.targets,
                     .sources = each.sources,
                     .next_attempt = each.next_attempt,
                     .snapshot_time = each.snapshot_time,
                     .snapshot_error = each.snapshot_error,
                     .held_targets = each.held_targets,
                     .held_until = each.held_until});
  return views;
}

}  // namespace rollcall
