#pragma once

#include "messages/failure_log.hpp"
#include "messages/loop_settings.hpp"
#include "messages/scrape_status.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// Scrape: from target groups to samples.
///   discovery manager --sync--> scrape manager --sync--> scrape pool (one per job) --spawns--> scrape loop (one per
///   target)

namespace rollcall {

/// The job's settings changed; timer, connection and target stay. Series that the new settings no longer yield go
/// stale.
struct reload_loop {
  loop_settings_ptr settings;
  http::request_ptr request;

  bool operator==(const reload_loop&) const = default;
};

/// Scrapes fail with this message and ask nobody; an empty message lets them go on.
struct force_error {
  std::string message;

  bool operator==(const force_error&) const = default;
};

/// What a loop knew of its target's series, for the one that takes its place.
struct inherit {
  std::shared_ptr<series::scrape_cache> cache;  ///< Null if it never delivered anything.
  series::ingest_options_ptr ingest;  ///< The rules that made those series; null if they are not the ones in force.

  bool operator==(const inherit&) const = default;
};

/// What does the loop know of its target's series?
struct get_outlines {
  uint64_t unless = 0;  ///< The version that is known already.

  bool operator==(const get_outlines&) const = default;
};

/// Outlines of a loop's caches: what it knows itself, and what it has yet to settle for earlier owners.
struct outlines {
  uint64_t version = 0;  ///< Another one whenever what is known has changed; 0 while it cannot be told.
  std::vector<std::shared_ptr<series::scrape_cache>> caches;  ///< None if the version is the one that is known already.

  bool operator==(const outlines&) const = default;
};

/// HEIR: a loop that continues the series of another.
using heir_actor = act::handle<
    // What the heir does not see any more goes stale. The one with the rules in force, or without a cache, is the last.
    void(inherit)>;

/// The target is gone. With an heir, the series go on there; without, they go stale after a grace of two intervals, so
/// that a target which comes back at once is not marked.
struct stop_loop {
  heir_actor heir;

  bool operator==(const stop_loop&) const = default;
};

/// SCRAPE LOOP: scrapes one target, remembers its series, and reports on it.
/// Conforms to: tick sink, http sink, heir.
/// Sends: schedule to the ticker, fetch to an http client, samples to every sample sink: one batch per tick.
/// Ends: after stop_loop, once staleness is settled; on exit from its pool without staleness markers.
using scrape_loop_actor = act::handle<
    // Begins a scrape, unless one is still under way.
    void(tick),
    // The target's answer.
    void(fetched),
    // Names the actors to work with from now on.
    void(use_services),
    // The job's new settings.
    void(reload_loop),
    // Makes scrapes fail, or lets them go on.
    void(force_error),
    // The series to continue.
    void(inherit),
    // Ends the loop.
    void(stop_loop),
    // How the last scrape went.
    loop_status(get_loop_status),
    // The last batch, if any.
    latest(get_latest),
    // What the target says of its metric families, if it was scraped.
    known_metadata(get_metadata),
    // What would have to be marked if the loop ended now.
    outlines(get_outlines)>;

/// The job has this configuration now.
struct reload_pool {
  scrape_config_ptr config;

  bool operator==(const reload_pool&) const = default;
};

/// SCRAPE POOL: the targets of one job; decides which loops exist and restarts one that crashed.
/// Sends: the loop orders above. A loop whose target did not change hears nothing of a change.
/// Ends: on exit from the scrape manager, taking its loops along.
using scrape_pool_actor = act::handle<
    // Changes of this job's sources; only these are relabeled.
    void(sync),
    // A new configuration of the job.
    void(reload_pool),
    // Names the actors to work with from now on; handed on to the loops.
    void(use_services),
    // The job's targets and how they fare.
    pool_targets(get_targets),
    // The last batch of every target.
    latest(get_latest),
    // The metadata of every target.
    known_metadata(get_metadata)>;

/// Scrape the jobs of this configuration, and no others. Pools whose job stays as it was go on untouched.
struct apply_scrape {
  config_ptr config;

  bool operator==(const apply_scrape&) const = default;
};

/// SCRAPE MANAGER: owns the pools and restarts one that crashed.
/// Conforms to: sync sink.
/// Sends: sync and reload_pool to the pools concerned.
/// Ends: on exit from the supervisor, taking its pools along.
using scrape_manager_actor = act::handle<
    // Changes of discovered sources.
    void(sync),
    // A new set of jobs.
    void(apply_scrape),
    // Names the actors to work with from now on; handed on to the pools.
    void(use_services),
    // The jobs there are.
    scrape_pools(get_scrape_pools),
    // Targets of all pools or of one.
    targets(get_targets),
    // The last batch of every target.
    latest(get_latest),
    // The metadata of every target.
    known_metadata(get_metadata)>;

}  // namespace rollcall

ACT_BLOCK_AFTER(rollcall_failure_log, rollcall_scrape)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::reload_loop)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::force_error)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::inherit)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::stop_loop)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::get_loop_status)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::loop_status)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::get_latest)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::latest)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::get_metadata)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::known_metadata)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::get_outlines)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::outlines)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::get_targets)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::pool_targets)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::reload_pool)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::apply_scrape)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::targets)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::get_scrape_pools)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::scrape_pools)
ACT_END(rollcall_scrape)
