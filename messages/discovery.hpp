#pragma once

#include "config/config.hpp"
#include "lib/targets/target_group.hpp"
#include "messages/snapshot.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// Discovery: how target groups reach the scrape side.
///   discoverer --update--> provider --update--> discovery manager --sync--> scrape manager

namespace rollcall {

/// Identifies a provider, for as long as the process runs; 0 is nobody.
using provider_id = uint64_t;

/// New or changed groups; a group without targets withdraws its source.
struct update {
  std::vector<target_group_ptr> groups;
  bool complete = false;   ///< Whether these are all groups there are: sources not named are withdrawn.
  provider_id origin = 0;  ///< Filled in by the provider.
  /// Whether these come from an earlier process, since the source of truth has not told everything yet.
  bool from_snapshot = false;

  bool operator==(const update&) const = default;
};

/// TARGET SINK: anyone who wants to hear of target groups.
using target_sink_actor = act::handle<
    // Takes a change; a later group replaces an earlier one of the same source.
    void(update)>;

struct get_discoverer_status {
  bool operator==(const get_discoverer_status&) const = default;
};

struct discoverer_status {
  uint64_t refreshes = 0;
  uint64_t failures = 0;
  std::string last_error;    ///< Empty after a success.
  int64_t last_success = 0;  ///< Milliseconds since the Unix epoch, 0 for never; as next_attempt.
  int64_t next_attempt = 0;  ///< Of those that ask at an interval.

  bool operator==(const discoverer_status&) const = default;
};

/// DISCOVERER: watches one source of truth for one provider.
/// Sends: update to its target sink, a complete one as soon as it knows everything there is; after a failed read it
/// sends nothing, so stale beats partial.
/// Ends: on exit from its provider, which monitors it and restarts it after a crash.
using discoverer_actor = act::handle<
    // Names the actors to work with from now on.
    void(use_services),
    // Counters since start.
    discoverer_status(get_discoverer_status)>;

struct get_provider_status {
  bool operator==(const get_provider_status&) const = default;
};

/// How a provider and its discoverer fare.
struct provider_status {
  provider_id id = 0;
  std::string mechanism;
  std::vector<std::string> jobs;  ///< The jobs it serves, in order of name.
  bool running = false;           ///< Whether its discoverer is up; otherwise it waits for next_attempt.
  bool delivered = false;         ///< Whether its discoverer ever told something.
  uint64_t sources = 0;
  uint64_t targets = 0;
  uint64_t restarts = 0;
  uint64_t refreshes = 0;  ///< As failures, of the discoverer since its own start.
  uint64_t failures = 0;
  std::string last_error;      ///< Of the discoverer, or why it ended.
  int64_t last_success = 0;    ///< Milliseconds since the Unix epoch, 0 for never; as the other times.
  int64_t next_attempt = 0;    ///< When the discoverer asks again or is started again.
  int64_t snapshot_time = 0;   ///< When the targets were confirmed, if they come from a snapshot.
  std::string snapshot_error;  ///< Why no snapshot could be written.
  uint64_t held_targets = 0;   ///< How many of the targets the source names no more.
  int64_t held_until = 0;

  bool operator==(const provider_status&) const = default;
};

/// PROVIDER: one distinct discovery configuration, shared by all jobs that have it.
/// Sends: update to the discovery manager with only what differs from the last; keeps the last good groups while its
/// discoverer is down. Those that an earlier process knew come first when the discoverer has nothing to tell for a
/// while after the start; targets that suddenly are missing are held back if it is so configured.
/// Ends: on exit from the discovery manager.
using provider_actor = act::handle<
    // A change from its discoverer.
    void(update),
    // Names the actors to work with from now on; handed on to the discoverer.
    void(use_services),
    // Where its snapshots are from now on.
    void(use_snapshot_store),
    // State of the discoverer and counters since start.
    provider_status(get_provider_status)>;

/// What one job wants discovered.
struct discovery_job {
  std::string job;
  std::vector<sd_config> mechanisms;

  bool operator==(const discovery_job&) const = default;
};

/// These jobs, and no others. Providers whose configuration is still wanted go on untouched.
struct apply_discovery {
  std::vector<discovery_job> jobs;

  bool operator==(const apply_discovery&) const = default;
};

/// One source of one provider has this group now; a group without targets withdraws the source.
struct group_change {
  provider_id provider = 0;
  target_group_ptr group;

  bool operator==(const group_change&) const = default;
};

/// What changed for one job.
struct job_change {
  std::string job;
  bool complete = false;  ///< Whether these are all sources there are: others are withdrawn.
  std::vector<group_change> changes;

  bool operator==(const job_change&) const = default;
};

/// The sources that changed since the last sync; what is not named stays as it was.
struct sync {
  std::vector<job_change> jobs;

  bool operator==(const sync&) const = default;
};

/// SYNC SINK: anyone who wants to hear what is to be scraped.
using sync_sink_actor = act::handle<
    // Takes the changes of all jobs at once.
    void(sync)>;

/// Send syncs here from now on, beginning with everything known.
struct use_sync_sink {
  sync_sink_actor sink;

  bool operator==(const use_sync_sink&) const = default;
};

struct get_discovery_status {
  bool operator==(const get_discovery_status&) const = default;
};

struct discovery_status {
  std::vector<provider_status> providers;  ///< In order of id.

  bool operator==(const discovery_status&) const = default;
};

/// DISCOVERY MANAGER: owns the providers and keeps the latest groups of every source.
/// Sends: sync to its sync sink, coalesced under load: what changed; and for a job or a sink that is new a complete
/// one, as soon as every provider of the job has delivered. Ends: on exit from the supervisor.
using discovery_manager_actor = act::handle<
    // A change from one of its providers.
    void(update),
    // A new set of jobs.
    void(apply_discovery),
    // Names the actors to work with from now on; handed on to the providers.
    void(use_services),
    // Where syncs go from now on.
    void(use_sync_sink),
    // How every provider fares.
    discovery_status(get_discovery_status)>;

}  // namespace rollcall

ACT_BLOCK_AFTER(rollcall_snapshot, rollcall_discovery)
ACT_LOCAL_MESSAGE(rollcall_discovery, rollcall::update)
ACT_LOCAL_MESSAGE(rollcall_discovery, rollcall::get_discoverer_status)
ACT_LOCAL_MESSAGE(rollcall_discovery, rollcall::discoverer_status)
ACT_LOCAL_MESSAGE(rollcall_discovery, rollcall::get_provider_status)
ACT_LOCAL_MESSAGE(rollcall_discovery, rollcall::provider_status)
ACT_LOCAL_MESSAGE(rollcall_discovery, rollcall::apply_discovery)
ACT_LOCAL_MESSAGE(rollcall_discovery, rollcall::sync)
ACT_LOCAL_MESSAGE(rollcall_discovery, rollcall::use_sync_sink)
ACT_LOCAL_MESSAGE(rollcall_discovery, rollcall::get_discovery_status)
ACT_LOCAL_MESSAGE(rollcall_discovery, rollcall::discovery_status)
ACT_END(rollcall_discovery)
