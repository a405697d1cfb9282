#pragma once

#include "lib/cluster/candidacy.hpp"
#include "lib/cluster/mandate.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rollcall::cluster {

struct election_options {
  std::string holder;                            ///< Of this process, and of no other one that there ever was.
  std::string address;                           ///< Where workers reach it.
  milliseconds lease = std::chrono::seconds(4);  ///< The same for all candidates.
  std::vector<std::string> voters;               ///< Names of workers, each once.
};

/// What a voter that says hello is told.
struct reception {
  enum class kind : unsigned char {
    join,     ///< It is one of the leader's workers.
    wait,     ///< It is asked for its promise, and says hello again.
    go_away,  ///< It has promised to serve somebody else.
  };

  reception::kind what = reception::kind::go_away;
  std::optional<candidacy> asked{};  ///< For who waits.

  bool operator==(const reception&) const = default;
};

/// Whether a coordinator leads, where workers decide that: it leads while more than half of the voters have promised to
/// serve nobody else, which no two can have at a time. It is sure of a promise for three quarters of a lease from when
/// it asked for it, and the voter is bound for a whole one from when it was asked, so neither has to know the other's
/// clock. An epoch in which it does not lead any more is over for good.
/// Knows no clock: `steady` is milliseconds of the process's steady clock, which counts while it is stopped.
class election {
 public:
  /// How long a candidacy counts promises before it is elected, in percent of a lease; then it is one of a new epoch.
  static constexpr int age_percent_max = 75;

  explicit election(election_options options);

  bool is_voter(const std::string& name) const { return sure_until_.contains(name); }
  /// A voter says hello. `chance` is uniform in [0, 1): of two candidates that are in each other's way one gives up
  /// before the other.
  reception receive(const std::string& voter, const vote& said, int64_t steady, int64_t wall, double chance);
  /// A voter that serves this process has seen, before it promised anew, what was sent at `stamp`.
  void renew(const std::string& voter, int64_t stamp, int64_t steady);
  /// Somebody has led in this epoch: what this process leads in is to be higher.
  void hear_of(uint64_t epoch);
  /// What is given back when too few have promised for too long: who promised in that epoch or before is free.
  std::optional<candidacy> despair(int64_t steady);
  /// Leads no more in this epoch, and tries for the next.
  void give_up();
  /// Leads no more, nor asks for anything. What was promised is given back, if there was anything.
  std::optional<candidacy> resign();

  /// The epoch in which this process may assign at the moment.
  std::optional<uint64_t> epoch_led(int64_t steady) const;
  /// Until when that holds if nobody promises anew.
  int64_t leads_until() const { return leads_until_; }
  /// Another that led when a voter last told of it.
  const std::optional<candidacy>& known_leader() const { return known_leader_; }
  milliseconds lease() const { return options_.lease; }

 private:
  int64_t share_of_lease(int percent) const { return options_.lease.count() * percent / 100; }
  bool is_mine(const candidacy& promised) const;
  bool is_open(int64_t steady) const;
  void lapse(int64_t steady);
  void stand(int64_t steady, int64_t wall, double chance);
  void count(const std::string& voter, int64_t stamp, int64_t steady);
  candidacy standing(int64_t steady) const;

  election_options options_;
  std::map<std::string, int64_t> sure_until_;  // by voter; 0 for one that has not promised
  uint64_t epoch_ = 0;                         // the latest candidacy's
  uint64_t epoch_heard_ = 0;                   // the highest of others
  std::optional<int64_t> stood_at_;            // nothing when it does not stand
  std::optional<int64_t> hopes_since_;         // there were promises, but too few
  int64_t patience_ = 0;
  bool is_elected_ = false;
  bool has_resigned_ = false;
  int64_t leads_until_ = 0;
  std::optional<candidacy> known_leader_;
};

}  // namespace rollcall::cluster
