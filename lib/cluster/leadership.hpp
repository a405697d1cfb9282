#pragma once

#include "lib/cluster/mandate.hpp"

#include <optional>
#include <string>
#include <variant>

namespace rollcall::cluster {

struct leadership_options {
  std::string holder;   ///< Of this process, and of no other one that there ever was.
  std::string address;  ///< Where workers reach it.
  milliseconds lease = std::chrono::seconds(4);
};

/// Whether a coordinator leads, where an arbiter keeps the mandate. It leads for three quarters of a lease from when it
/// began to write what the arbiter then took; another takes over once it has seen the same mandate for a whole lease.
/// So neither has to know the other's clock, and who was stopped finds its time over before it does anything.
/// Knows no clock: `steady` is milliseconds of the process's steady clock, which counts while it is stopped.
class leadership {
 public:
  /// Find out what the arbiter holds: answer with on_content() or on_failure().
  struct read {
    bool operator==(const read&) const = default;
  };
  /// Replace what the arbiter holds: answer with on_outcome() or on_failure().
  struct write {
    std::string expected;  ///< The version that is to be replaced.
    mandate wanted;

    bool operator==(const write&) const = default;
  };
  using step = std::variant<read, write>;

  explicit leadership(leadership_options options) : options_(std::move(options)) {}

  /// What to do now; nothing while the answer to the last step is missing, or before its time has come.
  std::optional<step> next(int64_t steady, int64_t wall);
  void on_content(const register_content& content, int64_t steady);
  void on_outcome(const write_outcome& outcome, int64_t steady);
  /// Nobody knows whether the last step was done.
  void on_failure();

  /// Somebody has heard of this epoch: what this process leads in is to be higher.
  void hear_of(uint64_t epoch);
  /// Leads no more in this epoch, and tries for the next.
  void give_up() { leads_until_ = 0; }
  /// Leads no more, and has the arbiter told so, that others need not wait.
  void resign();
  /// Whether the arbiter still has to be told.
  bool is_resigning() const { return has_resigned_ && (is_waiting_ || is_ours()); }

  /// The epoch in which this process may assign at the moment.
  std::optional<uint64_t> epoch_led(int64_t steady) const;
  /// Until when that holds if nothing comes of what is under way.
  int64_t leads_until() const { return leads_until_; }
  /// What the arbiter held when it was last heard.
  const std::optional<mandate>& known() const { return known_.held; }
  /// How often there is a step to be done, and how long one may take.
  milliseconds period() const { return options_.lease / steps_per_lease; }

 private:
  static constexpr int steps_per_lease = 4;

  bool is_ours() const { return known_.held && known_.held->holder == options_.holder; }
  bool may_take(int64_t steady) const;
  mandate renewed() const;
  mandate taken(int64_t wall) const;
  step choose(int64_t steady, int64_t wall);

  leadership_options options_;
  register_content known_;
  bool is_known_ = false;  // whether that can be built upon
  int64_t known_since_ = 0;
  bool is_waiting_ = false;
  int64_t due_ = 0;
  int64_t asked_at_ = 0;
  std::optional<mandate> asked_for_;
  uint64_t epoch_led_ = 0;    // the last one
  uint64_t epoch_heard_ = 0;  // the highest
  int64_t leads_until_ = 0;
  bool has_resigned_ = false;
};

}  // namespace rollcall::cluster
