#pragma once

#include "actors/discovery/mechanism.hpp"
#include "lib/base/result.hpp"
#include "lib/telemetry/telemetry.hpp"

#include <functional>
#include <string>
#include <vector>

namespace rollcall {

/// It is time to ask again.
struct poll_due {
  bool operator==(const poll_due&) const = default;
};

/// A mechanism that asks an HTTP server at an interval, told by two pure functions.
struct polling_options {
  std::string mechanism;  ///< "http"; for logs and metrics.
  std::string source;     ///< Whom it asks, in words for an error message; no password.
  std::chrono::milliseconds interval{0};
  /// What to ask; tag and sink are filled in by the discoverer.
  fetch question;
  /// All groups there are, from an answer that arrived whole.
  std::function<result<std::vector<target_group>>(const http::response&)> read;
  /// Called with every poll that failed, to count it under a name of the mechanism's own; may be empty.
  std::function<void()> on_failure;
};

struct polling_discoverer_state : act::state_base {
  static inline const char* name = "polling-discoverer";

  polling_options options;
  discoverer_context context;
  discoverer_status status;
  std::shared_ptr<refresh_metrics> metrics;
  uint64_t tag = 0;      // of the latest fetch; answers to earlier ones come too late
  bool waiting = false;  // for the answer to it
  bool overdue = false;  // the next poll was due meanwhile
  int64_t asked = 0;
  act::watcher watchers;
};

/// A discoverer that polls: at once, then at every interval. A failed poll changes nothing. A poll that falls due while
/// an answer is still out follows that answer; a question whose HTTP client was lost is put to its successor.
discoverer_actor spawn_polling_discoverer(caf::actor_system& system, polling_options options,
                                          discoverer_context context);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::poll_due)
