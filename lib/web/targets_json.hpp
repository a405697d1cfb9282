#pragma once

#include "lib/labels/labels.hpp"
#include "lib/web/global_url.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rollcall::web {

/// Where a target of a cluster is, and how it came there; viewed inside its owner.
struct placed_view {
  std::string_view owner;  ///< Empty for nobody, as the next.
  std::string_view next_owner;
  uint64_t weight = 0;  ///< Nanoseconds of CPU time per second, by estimate.
  int64_t moved = 0;    ///< Milliseconds since the Unix epoch, 0 for not since the coordinator's start.
  std::string_view moved_from;
  std::string_view moved_why;
};

/// A target that is scraped, viewed inside its owner.
struct active_target_view {
  const labels& discovered;
  const labels& visible;
  std::string_view job;
  std::string_view url;
  std::string_view health;  ///< "up", "down" or "unknown".
  std::string_view last_error;
  int64_t last_scrape = 0;  ///< Milliseconds since the Unix epoch, 0 for never.
  std::chrono::nanoseconds last_duration{0};
  std::chrono::milliseconds interval{0};
  std::chrono::milliseconds timeout{0};
  uint64_t restarts = 0;
  std::optional<placed_view> placed{};  ///< Of one that runs in a cluster.
};

/// A target that is not scraped.
struct dropped_target_view {
  const labels& discovered;
  std::string_view job;
  std::string_view reason;
};

/// Which halves of the targets are asked for, as the parameter `state` says it.
struct targets_wanted {
  bool active = false;
  bool dropped = false;

  /// "" and "any" mean both, in any case; a word that is not known means none.
  static targets_wanted from(std::string_view state);
};

/// Writes the body of /api/v1/targets, target by target in any order of the calls, as Prometheus has it, and in
/// addition `restarts` of active targets and `reason` of dropped ones, and for a cluster `owner`, `nextOwner`, `weight`
/// and `lastMove`.
class targets_json {
 public:
  targets_json(external_address external, targets_wanted wanted);

  void add(const active_target_view& target);
  void add(const dropped_target_view& target);
  /// How many targets of a job are dropped in all.
  void count_dropped(std::string_view job, uint64_t count);
  std::string finish();

 private:
  external_address external_;
  targets_wanted wanted_;
  std::string active_;
  std::string dropped_;
  std::string counts_;
};

}  // namespace rollcall::web
