#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// How discovery fares, for the API and for pages. Times are milliseconds since the Unix epoch, 0 for never.
namespace rollcall::web {

struct provider_view {
  std::string mechanism;
  std::vector<std::string> jobs;
  bool running = false;    ///< Whether its discoverer is up.
  bool delivered = false;  ///< Whether its discoverer ever told something.
  int64_t last_success = 0;
  std::string last_error;
  uint64_t restarts = 0;
  uint64_t refreshes = 0;
  uint64_t failures = 0;
  uint64_t targets = 0;
  uint64_t sources = 0;
  int64_t next_attempt = 0;
  int64_t snapshot_time = 0;  ///< When targets that come from a snapshot were confirmed; 0 when they do not.
  std::string snapshot_error;
  uint64_t held_targets = 0;
  int64_t held_until = 0;
};

/// The first that applies: "waiting" (for a restart at nextAttempt), "snapshot" (its targets come from one), "holding"
/// (removals back), "starting" (nothing is known yet), "running".
std::string_view state_of(const provider_view& provider);

/// A whole body: `data.providers[]`, how every provider fares. `age` is the time since lastSuccess in seconds; what
/// does not apply is null.
std::string discovery_json(const std::vector<provider_view>& providers, int64_t now);

/// What a viewer of a job's targets should know, by job; only of jobs where there is something.
std::map<std::string, std::string> discovery_notes(const std::vector<provider_view>& providers, int64_t now);

}  // namespace rollcall::web
