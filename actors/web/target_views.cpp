#include "actors/web/target_views.hpp"

namespace rollcall {

namespace {

std::string_view to_text(target_health health) {
  switch (health) {
    case target_health::up:
      return "up";
    case target_health::down:
      return "down";
    case target_health::unknown:
      break;
  }
  return "unknown";
}

std::optional<web::placed_view> place_of(const fleet_view& fleet, const active_target& target) {
  auto found = fleet.places.find(target.status.placed);
  if (found == fleet.places.end()) return std::nullopt;
  const auto& place = found->second;
  web::placed_view view{place.owner, place.next_owner, place.weight, 0, {}, {}};
  if (!place.last_move) return view;
  view.moved = place.last_move->when;
  view.moved_from = place.last_move->from;
  view.moved_why = place.last_move->why;
  return view;
}

web::active_target_view view_of(const pool_targets& pool, const active_target& target, const fleet_view& fleet) {
  return {.discovered = target.discovered,
          .visible = target.visible,
          .job = pool.job,
          .url = target.url,
          .health = to_text(target.status.health),
          .last_error = target.status.last_error,
          .last_scrape = target.status.last_scrape,
          .last_duration = target.status.last_duration,
          .interval = target.interval,
          .timeout = target.timeout,
          .restarts = target.restarts,
          .placed = place_of(fleet, target)};
}

}  // namespace

std::vector<web::job_view> job_views(const targets& targets, const fleet_view& fleet) {
  std::vector<web::job_view> jobs;
  jobs.reserve(targets.pools.size());
  for (const auto& pool : targets.pools) {
    web::job_view job{pool.job, {}, {}, pool.dropped_total, pool.restarts, {}};
    job.active.reserve(pool.active.size());
    for (const auto& target : pool.active) job.active.push_back(view_of(pool, target, fleet));
    job.dropped.reserve(pool.dropped.size());
    for (const auto& target : pool.dropped) job.dropped.push_back({target.discovered, pool.job, target.reason});
    jobs.push_back(std::move(job));
  }
  return jobs;
}

std::string write_targets_json(const targets& targets, const fleet_view& fleet, const web::external_address& external,
                               web::targets_wanted wanted) {
  web::targets_json json(external, wanted);
  for (const auto& pool : targets.pools) {
    if (wanted.active) {
      for (const auto& target : pool.active) json.add(view_of(pool, target, fleet));
    }
    if (!wanted.dropped) continue;
    for (const auto& target : pool.dropped) json.add({target.discovered, pool.job, target.reason});
    json.count_dropped(pool.job, pool.dropped_total);
  }
  return json.finish();
}

}  // namespace rollcall
