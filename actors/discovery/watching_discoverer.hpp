#pragma once

#include "actors/discovery/mechanism.hpp"
#include "actors/discovery/open_fetches.hpp"
#include "actors/discovery/watch_session.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace rollcall {

/// An alarm of the session.
struct watch_due {
  uint64_t tag = 0;

  bool operator==(const watch_due&) const = default;
};

/// It is time to see whether a question has been forgotten.
struct overdue_check_due {
  bool operator==(const overdue_check_due&) const = default;
};

struct watching_options {
  std::string mechanism;                   ///< "consul"; for logs.
  std::string source;                      ///< Whom it watches, in words for an error message; no password.
  std::shared_ptr<watch_session> session;  ///< Used by this discoverer alone.
  /// How long after its timeout a question that the HTTP client says nothing about is given up.
  std::chrono::milliseconds answer_grace = std::chrono::seconds(30);
};

struct watching_discoverer_state : act::state_base {
  static inline const char* name = "watching-discoverer";

  watching_options options;
  discoverer_context context;
  discoverer_status status;
  open_fetches open;
  act::watcher watchers;
};

/// A discoverer that keeps questions open at a server that answers when something changed. It does what its session
/// says; a question whose HTTP client was lost is put to its successor without the session hearing of it.
discoverer_actor spawn_watching_discoverer(caf::actor_system& system, watching_options options,
                                           discoverer_context context);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::watch_due)
ACT_PRIVATE_MESSAGE(rollcall::overdue_check_due)
