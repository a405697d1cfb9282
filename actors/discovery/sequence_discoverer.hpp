#pragma once

#include "actors/discovery/mechanism.hpp"
#include "actors/discovery/request_sequence.hpp"
#include "lib/telemetry/telemetry.hpp"

#include <optional>
#include <string>

namespace rollcall {

/// It is time for the next refresh.
struct sequence_due {
  bool operator==(const sequence_due&) const = default;
};

/// A mechanism that puts several requests to an HTTP server at an interval.
struct sequence_options {
  std::string mechanism;                  ///< "docker"; for logs and metrics.
  std::string source;                     ///< Whom it asks, in words for an error message; no password.
  std::chrono::milliseconds interval{0};  ///< Also the time that a whole refresh may take.
  request_plan plan;
  uint64_t body_bytes_max = 0;
};

struct sequence_discoverer_state : act::state_base {
  static inline const char* name = "sequence-discoverer";

  sequence_options options;
  discoverer_context context;
  discoverer_status status;
  std::shared_ptr<refresh_metrics> metrics;
  std::optional<request_sequence> refresh;  // the one under way
  uint64_t tag = 0;                         // of the latest fetch; answers to earlier ones come too late
  bool overdue = false;                     // the next refresh was due meanwhile
  int64_t started = 0;
  act::watcher watchers;
};

/// A discoverer that refreshes at once, then at every interval. A refresh that fails changes nothing. One that falls
/// due while another is under way follows it; a question whose HTTP client was lost is put to its successor.
discoverer_actor spawn_sequence_discoverer(caf::actor_system& system, sequence_options options,
                                           discoverer_context context);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::sequence_due)
