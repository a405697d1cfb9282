#pragma once

#include "actors/discovery/mechanism.hpp"
#include "actors/discovery/open_fetches.hpp"
#include "actors/discovery/poll_sequence.hpp"
#include "lib/base/result.hpp"
#include "lib/telemetry/telemetry.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace rollcall {

/// It is time to ask again.
struct poll_due {
  bool operator==(const poll_due&) const = default;
};

/// A mechanism that asks an HTTP server at an interval, told by two pure functions: `question` and `read`, or
/// `begin_sequence` where one fixed request is not enough.
struct polling_options {
  std::string mechanism;  ///< "http"; for logs and metrics.
  std::string source;     ///< Whom it asks, in words for an error message; no password.
  std::chrono::milliseconds interval{0};
  /// What to ask; tag and sink are filled in by the discoverer.
  fetch question;
  /// All groups there are, from an answer that arrived whole.
  std::function<result<std::vector<target_group>>(const http::response&)> read;
  /// Begins one refresh, in place of `question` and `read`; may be empty. The argument is uniform in [0, 1).
  std::function<std::unique_ptr<poll_sequence>(double random_unit)> begin_sequence;
  size_t requests_max = 16;  ///< Of one refresh, at the same time.
  /// Called with every poll that failed, to count it under a name of the mechanism's own; may be empty.
  std::function<void()> on_failure;
};

struct polling_discoverer_state : act::state_base {
  static inline const char* name = "polling-discoverer";

  polling_options options;
  discoverer_context context;
  discoverer_status status;
  std::shared_ptr<refresh_metrics> metrics;
  std::unique_ptr<poll_sequence> refresh;  // the one under way
  std::deque<fetch> unasked;               // of it
  open_fetches open;                       // likewise
  bool overdue = false;                    // the next poll was due meanwhile
  int64_t asked = 0;
  act::watcher watchers;
};

/// A discoverer that polls: at once, then at every interval. A refresh may take one interval, and one that fails
/// changes nothing. A poll that falls due while an answer is still out follows that answer; a question whose HTTP
/// client was lost is put to its successor.
discoverer_actor spawn_polling_discoverer(caf::actor_system& system, polling_options options,
                                          discoverer_context context);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::poll_due)
