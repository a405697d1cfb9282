#pragma once

#include "lib/labels/labels.hpp"
#include "lib/series/metadata.hpp"
#include "lib/series/scrape_batch.hpp"
#include "lib/series/target_labels.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

/// Scrape status: what can be asked about targets, and the answers.

namespace rollcall {

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
  uint64_t placed = 0;  ///< The key of the loop in its cluster; 0 for one that runs here.

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

struct get_metadata {
  bool operator==(const get_metadata&) const = default;
};

/// What one target says of its metric families.
struct target_metadata {
  series::target_labels_ptr target;
  series::metadata_ptr families;  ///< Never null.

  bool operator==(const target_metadata&) const = default;
};

/// The metadata of every target that was scraped.
struct known_metadata {
  std::vector<target_metadata> targets;

  bool operator==(const known_metadata&) const = default;
};

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

}  // namespace rollcall
