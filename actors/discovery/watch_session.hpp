#pragma once

#include "messages/discovery.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rollcall {

/// When something happens to a session, and the chance that it may use for it.
struct watch_moment {
  int64_t now = 0;         ///< Milliseconds since the Unix epoch.
  double random_unit = 0;  ///< Uniform in [0, 1).
};

/// Wake the session after a while.
struct watch_alarm {
  uint64_t tag = 0;
  std::chrono::milliseconds delay{0};

  bool operator==(const watch_alarm&) const = default;
};

/// What a session wants done, in this order.
struct watch_actions {
  std::vector<fetch> questions;       ///< Each with the session's tag and a timeout; the sink is filled in.
  std::vector<watch_alarm> alarms;    ///< They cannot be taken back: a session ignores those that came to nothing.
  std::optional<update> found;        ///< Groups to pass on; the first that a session finds is a complete update.
  std::vector<std::string> failures;  ///< What went wrong, each to be counted and logged.
  bool refreshed = false;             ///< Whether an answer was understood.
};

/// All that a mechanism knows of watching its server: which questions to keep open, what answers mean, when to try
/// again. It knows no actor and no clock. A failure changes no group: what was found last stays in force.
class watch_session {
 public:
  virtual ~watch_session() = default;

  /// Comes first, and once.
  virtual watch_actions begin(const watch_moment& moment) = 0;
  /// A response to the question with this tag arrived whole, whatever its status.
  virtual watch_actions answered(uint64_t tag, const http::response& response, const watch_moment& moment) = 0;
  /// There will be no response to the question with this tag.
  virtual watch_actions failed(uint64_t tag, const std::string& error, const watch_moment& moment) = 0;
  /// An alarm with this tag goes off.
  virtual watch_actions due(uint64_t tag, const watch_moment& moment) = 0;
  /// What does not work at present, or "".
  virtual std::string trouble() const = 0;
};

}  // namespace rollcall
