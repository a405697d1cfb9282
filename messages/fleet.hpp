#pragma once

#include "lib/series/written_sample.hpp"
#include "messages/cluster.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Fleet: what a coordinator can say of all targets, wherever they are. None of these messages leaves its process.

namespace rollcall {

/// One change of owner.
struct move_view {
  int64_t when = 0;  ///< Milliseconds since the Unix epoch.
  std::string target;
  std::string from;  ///< Empty for nobody, as the next.
  std::string to;
  std::string why;

  bool operator==(const move_view&) const = default;
};

/// Where targets are; the answer has the order of the keys.
struct get_places {
  std::vector<uint64_t> keys;

  bool operator==(const get_places&) const = default;
};

/// Where a target is, and how it came there.
struct place_view {
  std::string owner;  ///< Empty for nobody, as the next.
  std::string next_owner;
  uint64_t weight = 0;                 ///< Nanoseconds of CPU time per second, by estimate.
  std::optional<move_view> last_move;  ///< Of this coordinator's.

  bool operator==(const place_view&) const = default;
};

struct places {
  std::vector<place_view> targets;

  bool operator==(const places&) const = default;
};

/// Have all workers asked.
struct get_fleet_report {
  loops_question about;

  bool operator==(const get_fleet_report&) const = default;
};

/// What workers say of their loops: the part that was asked for.
struct fleet_report {
  std::vector<std::pair<uint64_t, loop_status>> statuses;  ///< With the keys of the loops.
  std::vector<target_metadata> metadata;
  std::vector<series::written_sample> samples;
  std::vector<std::string> unheard;  ///< Workers that did not tell everything in time.

  bool operator==(const fleet_report&) const = default;
};

}  // namespace rollcall

ACT_BLOCK_AFTER(rollcall_cluster, rollcall_fleet)
ACT_LOCAL_MESSAGE(rollcall_fleet, rollcall::get_places)
ACT_LOCAL_MESSAGE(rollcall_fleet, rollcall::places)
ACT_LOCAL_MESSAGE(rollcall_fleet, rollcall::get_fleet_report)
ACT_LOCAL_MESSAGE(rollcall_fleet, rollcall::fleet_report)
ACT_END(rollcall_fleet)
