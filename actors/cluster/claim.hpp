#pragma once

#include "lib/base/duration.hpp"
#include "messages/cluster.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace rollcall {

/// Another coordinator.
struct known_leader {
  uint64_t epoch = 0;   ///< In which somebody was the last to lead; 0 while that is not known.
  std::string address;  ///< HOST:PORT of who leads; empty when nobody else is known to.

  bool operator==(const known_leader&) const = default;
};

/// Whether a process leads, by the word of whatever decides that. Times are milliseconds of the steady and the wall
/// clock.
class claim {
 public:
  virtual ~claim() = default;

  /// The epoch in which this process may assign at the moment.
  virtual std::optional<uint64_t> epoch_led(int64_t steady) const = 0;
  /// Until when that holds if nothing comes of what is under way.
  virtual int64_t leads_until() const = 0;
  virtual known_leader known() const = 0;

  /// Does what is due.
  virtual void proceed(int64_t steady, int64_t wall) = 0;
  /// How often something may become due.
  virtual milliseconds period() const = 0;
  /// Somebody has led in this epoch: what this process leads in is to be higher.
  virtual void hear_of(uint64_t epoch) = 0;
  /// Leads no more in this epoch, and tries for the next.
  virtual void give_up() = 0;
  /// Leads no more, and has that known to whoever waits for it.
  virtual void resign() = 0;
  /// Whether it is not known yet.
  virtual bool is_resigning() const = 0;

  /// A worker says hello; the answer, unless that is up to whether this process leads.
  virtual std::optional<welcome> receive(const hello& worker, int64_t steady, int64_t wall) = 0;
  /// The coordinator has made this worker a member.
  virtual void admit(const std::string& node, const welcome& answer) = 0;
  /// What a member says.
  virtual void hear(const words& heard, int64_t steady) = 0;
  /// What members are told when this process leads no more.
  virtual session_over farewell() const = 0;
};

}  // namespace rollcall
