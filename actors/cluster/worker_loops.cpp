#include "actors/cluster/worker_loops.hpp"

#include "lib/cluster/series_estate.hpp"
#include "lib/log/log.hpp"
#include "lib/telemetry/telemetry.hpp"

namespace rollcall {

// -- orders -----------------------------------------------------------------------------------------------------------

void worker_loops::define(uint64_t settings, const cluster::opaque& bytes) {
  if (settings_.contains(settings)) return;
  auto read = decode_settings(*bytes);
  if (read)
    settings_[settings] = std::move(*read);
  else
    log::error("cluster-worker", "Settings cannot be read", {{"err", read.error().message}});
}

void worker_loops::start(const cluster::run& order) {
  auto settings = settings_.find(order.plan.settings);
  auto assignment = settings == settings_.end() ? result<loop_assignment>(fail(errc::not_found, "unknown settings"))
                                                : assignment_of(order.plan, settings->second);
  auto& loop = loops_[order.which];
  if (!assignment) {
    log::error("cluster-worker", "A loop cannot be started", {{"err", assignment.error().message}});
    return;
  }
  loop.assignment = std::move(*assignment);
  loop.assignment.from_before = order.from_before;
  spawn(order.which, loop);
}

void worker_loops::spawn(cluster::tenancy which, entry& loop) {
  loop.actor = options_.spawn_loop(system_, loop.assignment, services_of_loops(options_.services));
  keeper_.watch(loop.actor.get(), which);
}

void worker_loops::change(cluster::tenancy which, const cluster::loop_plan& plan) {
  auto found = loops_.find(which);
  auto settings = settings_.find(plan.settings);
  if (found == loops_.end() || settings == settings_.end()) return;
  auto assignment = assignment_of(plan, settings->second);
  if (!assignment) return;
  auto& loop = found->second;
  auto before = std::exchange(loop.assignment, std::move(*assignment));
  if (!loop.actor) return;
  act::tell(loop.actor.get(), reload_loop{loop.assignment.settings, loop.assignment.request});
  if (before.forced_error != loop.assignment.forced_error)
    act::tell(loop.actor.get(), force_error{loop.assignment.forced_error});
}

void worker_loops::tick(cluster::tenancy which, int64_t scheduled) {
  auto found = loops_.find(which);
  if (found != loops_.end() && found->second.actor) act::tell(found->second.actor.get(), rollcall::tick{scheduled});
}

void worker_loops::collect(cluster::tenancy which) {
  auto found = loops_.find(which);
  if (found == loops_.end() || !found->second.actor) return keeper_.collected(which, {});
  auto& loop = found->second;
  loop.is_ending = true;
  loop.collector = spawn_estate_collector(system_, {which, keeper_.estates});
  act::tell(loop.actor.get(), stop_loop{loop.collector.get()});
}

void worker_loops::inherit(cluster::tenancy which, const std::string& state) {
  auto found = loops_.find(which);
  if (found == loops_.end() || !found->second.actor) return;
  const auto& loop = found->second.actor.get();
  auto caches = cluster::decode_estate(state);
  if (!caches)
    log::error("cluster-worker", "What another worker knew cannot be read", {{"err", caches.error().message}});
  if (!caches || caches->empty()) return act::tell(loop, rollcall::inherit{});
  // Rules that are not the ones in force, but some: so the loop knows which is the last.
  auto last = std::make_shared<series::ingest_options>();
  for (const auto& each : *caches)
    act::tell(loop, rollcall::inherit{each, each == caches->back() ? last : series::ingest_options_ptr()});
}

void worker_loops::retire(cluster::tenancy which, cluster::tenancy heir) {
  auto found = loops_.find(which);
  if (found == loops_.end() || !found->second.actor) return keeper_.over(which);
  found->second.is_ending = true;
  auto next = loops_.find(heir);
  bool has_heir = next != loops_.end() && next->second.actor;
  act::tell(found->second.actor.get(), stop_loop{has_heir ? heir_actor{next->second.actor.get()} : heir_actor{}});
}

void worker_loops::drop(cluster::tenancy which) { loops_.erase(which); }

void worker_loops::configure(const cluster::opaque& bytes) {
  auto read = decode_delivery(*bytes);
  if (!read) return log::error("cluster-worker", "A configuration cannot be read", {{"err", read.error().message}});
  options_.call.configured(std::move(*read));
}

void worker_loops::dismissed() { options_.call.dismissed(); }

// -- loops ------------------------------------------------------------------------------------------------------------

void worker_loops::ended(cluster::tenancy which, const std::string& error) {
  auto found = loops_.find(which);
  if (found == loops_.end()) return;
  auto& loop = found->second;
  loop.actor.release();
  if (loop.is_ending) {
    // One that ended in good order has told its collector.
    if (loop.collector && !error.empty()) return keeper_.collected(which, {});
    if (loop.collector) return;
    loops_.erase(found);
    return keeper_.over(which);
  }
  log::error("cluster-worker", "Scrape loop ended; it is started again",
             {{"target", loop.assignment.request->url}, {"err", error}});
  keeper_.restart_later(which);
}

void worker_loops::restart(cluster::tenancy which) {
  auto found = loops_.find(which);
  if (found == loops_.end() || found->second.actor || found->second.is_ending) return;
  found->second.assignment.from_before = cluster::estate::none;
  found->second.copy = {};
  options_.environment->metrics->actor_restarts("scrape_loop").Increment();
  spawn(which, found->second);
}

services_ptr worker_loops::services_of_loops(const services_ptr& services) const {
  auto theirs = std::make_shared<rollcall::services>(*services);
  theirs->ticker = keeper_.ticker;
  return theirs;
}

void worker_loops::use(const services_ptr& services) {
  use_services order{services_of_loops(services)};
  for (const auto& [which, loop] : loops_)
    if (loop.actor) act::tell(loop.actor.get(), order);
}

// Calls with the next `count` loops in turn that are not about to end.
template <class Use>
void worker_loops::use_next(cluster::tenancy& last, size_t count, Use use) {
  auto next = loops_.upper_bound(last);
  for (count = std::min(count, loops_.size()); count > 0; --count, ++next) {
    if (next == loops_.end()) next = loops_.begin();
    last = next->first;
    if (next->second.actor && !next->second.is_ending) use(next->first, next->second);
  }
}

std::vector<std::pair<cluster::tenancy, scrape_loop_actor>> worker_loops::next_in_turn(size_t count) {
  std::vector<std::pair<cluster::tenancy, scrape_loop_actor>> chosen;
  use_next(last_in_turn_, count,
           [&](cluster::tenancy which, const entry& loop) { chosen.emplace_back(which, loop.actor.get()); });
  return chosen;
}

std::vector<copied_loop> worker_loops::next_to_copy(size_t count, uint64_t session, int64_t steady) {
  std::vector<copied_loop> chosen;
  use_next(last_copied_, count, [&](cluster::tenancy which, const entry& loop) {
    bool has_copy = loop.copy.session == session;
    const auto& earlier = loop.copy.one_before;
    if (has_copy && earlier && steady - *earlier < options_.two_copies_interval.count()) return;
    chosen.push_back({which, has_copy ? loop.copy.version : 0, loop.actor.get()});
  });
  return chosen;
}

void worker_loops::copied(cluster::tenancy which, uint64_t session, uint64_t version, int64_t steady) {
  auto found = loops_.find(which);
  if (found == loops_.end()) return;
  auto& copy = found->second.copy;
  auto one_before = copy.session == session ? std::optional(copy.latest) : std::nullopt;
  copy = {session, version, steady, one_before};
}

loop_reporter_options worker_loops::page(cluster::tenancy after, const std::string& job, size_t count) const {
  loop_reporter_options chosen;
  auto next = loops_.upper_bound(after);
  for (; next != loops_.end() && chosen.loops.size() < count; ++next) {
    const auto& [which, loop] = *next;
    if (!loop.actor || loop.is_ending || (!job.empty() && job != loop.assignment.settings->job)) continue;
    chosen.loops.push_back({which, key_of(loop.assignment), loop.actor.get()});
  }
  chosen.end = next == loops_.end() ? cluster::no_tenancy : chosen.loops.back().place;
  return chosen;
}

std::vector<std::pair<loop_assignment, scrape_loop_actor>> worker_loops::all() const {
  std::vector<std::pair<loop_assignment, scrape_loop_actor>> loops;
  for (const auto& [which, loop] : loops_)
    if (loop.actor && !loop.is_ending) loops.emplace_back(loop.assignment, loop.actor.get());
  return loops;
}

}  // namespace rollcall
