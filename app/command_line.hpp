#pragma once

#include "app/cluster_command.hpp"
#include "app/cluster_flags.hpp"
#include "app/discovery_command.hpp"
#include "app/queue_command.hpp"
#include "lib/base/duration.hpp"
#include "lib/log/log.hpp"
#include "lib/queue/durable_queue.hpp"

#include <map>
#include <string>
#include <vector>

namespace rollcall {

/// What the daemon is asked to do, with Prometheus's names and defaults where it has the flag.
struct daemon_flags {
  std::string config_file = "prometheus.yml";
  bool config_auto_reload = false;
  milliseconds config_auto_reload_interval = std::chrono::seconds(30);  ///< At least a second.
  std::vector<std::string> listen_addresses = {"0.0.0.0:9095"};
  std::string external_url;
  std::string route_prefix;
  bool enable_lifecycle = false;
  milliseconds web_read_timeout = std::chrono::minutes(5);
  size_t web_connections_max = 512;
  std::string cors_origin = ".*";
  std::string storage_path = "data-agent/";
  milliseconds queue_sync_interval = std::chrono::seconds(1);
  uint64_t queue_bytes_max = 10ull << 30;
  milliseconds queue_age_max = std::chrono::hours(48);  ///< 0 means that nothing is too old.
  queue::delivery_order queue_order = queue::delivery_order::strict;
  uint64_t queue_drain_bytes = 0;  ///< A second; 0 means as fast as can be.
  milliseconds snapshot_grace = std::chrono::seconds(2);
  milliseconds snapshot_age_max = std::chrono::hours(24 * 7);  ///< 0 means that no snapshots are kept.
  double removal_guard_share = 0;                              ///< In [0, 1]; 0 means that there is no guard.
  milliseconds removal_guard_hold = std::chrono::minutes(10);
  milliseconds flush_deadline = std::chrono::minutes(1);
  bool adjust_timestamps = true;
  milliseconds timestamp_tolerance{2};
  bool created_timestamp_zero_ingestion = false;  ///< As the next ones, a value of --enable-feature.
  bool st_storage = false;
  bool type_and_unit_labels = false;
  cluster_flags cluster;
  log::level log_level = log::level::info;
  log::format log_format = log::format::logfmt;
  /// Every flag with the value in force, as /api/v1/status/flags shows them.
  std::map<std::string, std::string> all;
};

/// A command line, understood. Exactly one of the kinds of work is asked for.
struct command_line {
  enum class work : unsigned char {
    run_daemon,
    check_config,
    check_discovery,
    handle_queues,
    ask_cluster,
    exit_at_once,  ///< Nothing more to do: `text` says what there was to say.
  };

  command_line::work what = work::run_daemon;
  daemon_flags flags;
  std::vector<std::string> files;  ///< For check_config.
  discovery_order discovery;       ///< For check_discovery.
  queue_order queues;              ///< For handle_queues.
  cluster_order cluster;           ///< For ask_cluster.
  std::string text;
  int exit_code = 0;
};

/// Understands the arguments. Exit codes are Prometheus's: 2 for a flag that does not exist or has a bad value, 3 for
/// one that an agent cannot use.
command_line parse_command_line(const std::vector<std::string>& arguments);

}  // namespace rollcall
