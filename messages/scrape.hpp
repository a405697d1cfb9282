#pragma once

#include "messages/discovery.hpp"
#include "messages/loop_settings.hpp"

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

enum class target_health : unsigned char { unknown, up, down };

struct get_loop_status {
  bool operator==(const get_loop_status&) const = default;
};

struct loop_status {
  target_health health = target_health::unknown;
  std::string last_error;
  int64_t last_scrape = 0;  ///< Milliseconds since the Unix epoch, 0 for never.
  std::chrono::nanoseconds last_duration{0};
  uint64_t series = 0;  ///< Series of the last scrape.

  bool operator==(const loop_status&) const = default;
};

struct get_latest {
  std::string job;  ///< Of one job only, or of all when empty.

  bool operator==(const get_latest&) const = default;
};

/// The last batch of every target that has one.
struct latest {
  std::vector<series::scrape_batch_ptr> batches;

  bool operator==(const latest&) const = default;
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
    latest(get_latest)>;

/// Pick of targets: all jobs or one, and which halves of the answer are wanted.
struct get_targets {
  std::string job;  ///< Empty for all.
  bool active = true;
  bool dropped = true;

  bool operator==(const get_targets&) const = default;
};

/// A target that is scraped.
struct active_target {
  labels discovered;
  labels visible;  ///< The labels its series carry.
  std::string url;
  std::chrono::milliseconds interval{0};
  std::chrono::milliseconds timeout{0};
  uint64_t restarts = 0;  ///< How often its loop was restarted after a crash.
  loop_status status;

  bool operator==(const active_target&) const = default;
};

/// A target that is not scraped.
struct inactive_target {
  labels discovered;
  std::string reason;  ///< Which rule dropped it, or what is wrong with it.

  bool operator==(const inactive_target&) const = default;
};

/// The targets of one job.
struct pool_targets {
  std::string job;
  std::vector<active_target> active;
  std::vector<inactive_target> dropped;  ///< At most keep_dropped_targets of them.
  uint64_t dropped_total = 0;
  uint64_t restarts = 0;  ///< How often the pool was restarted after a crash.

  bool operator==(const pool_targets&) const = default;
};

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
    latest(get_latest)>;

/// Scrape the jobs of this configuration, and no others. Pools whose job stays as it was go on untouched.
struct apply_scrape {
  config_ptr config;

  bool operator==(const apply_scrape&) const = default;
};

/// All pools' targets, in order of job.
struct targets {
  std::vector<pool_targets> pools;

  bool operator==(const targets&) const = default;
};

struct get_scrape_pools {
  bool operator==(const get_scrape_pools&) const = default;
};

struct scrape_pools {
  std::vector<std::string> jobs;  ///< In order of name.

  bool operator==(const scrape_pools&) const = default;
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
    latest(get_latest)>;

}  // namespace rollcall

ACT_BLOCK_AFTER(rollcall_discovery, rollcall_scrape)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::reload_loop)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::force_error)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::inherit)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::stop_loop)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::get_loop_status)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::loop_status)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::get_latest)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::latest)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::get_targets)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::pool_targets)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::reload_pool)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::apply_scrape)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::targets)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::get_scrape_pools)
ACT_LOCAL_MESSAGE(rollcall_scrape, rollcall::scrape_pools)
ACT_END(rollcall_scrape)
