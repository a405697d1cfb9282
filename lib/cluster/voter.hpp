#pragma once

#include "lib/cluster/candidacy.hpp"

#include <optional>

namespace rollcall::cluster {

/// What became of a coordinator's wish.
enum class consent : unsigned char {
  refused,
  given,    ///< It is a promise to this candidacy that there was not before.
  renewed,  ///< It lasts longer now.
};

/// A worker's half of an election: whom it has promised to serve nobody else. A promise is not kept on disk: who was
/// started anew makes none before all that it may have forgotten are over. Knows no clock: `steady` is milliseconds of
/// the process's steady clock, which counts while it is stopped.
class voter {
 public:
  explicit voter(int64_t started) : started_(started) {}

  /// Promises, unless somebody else has its promise or an earlier epoch is asked for. A leader that goes on leading may
  /// be of an earlier epoch than a candidate that came to nothing.
  consent consider(const candidacy& asked, int64_t steady);
  /// Something is sent to who leads in this epoch: what was promised to it lasts from now on.
  void serve(uint64_t epoch, int64_t steady);
  /// The candidate does not count on what it was promised in this epoch and earlier ones any more.
  void release(const candidacy& given_back);

  vote say(int64_t steady) const { return {promised_, is_bound(steady), heard_}; }

 private:
  bool is_bound(int64_t steady) const { return promised_ && steady < bound_until_; }
  bool is_fresh(const candidacy& asked, int64_t steady) const;
  void bind(int64_t steady);

  int64_t started_;
  std::optional<candidacy> promised_;
  int64_t bound_until_ = 0;
  uint64_t heard_ = 0;   // the highest epoch that was promised
  uint64_t served_ = 0;  // the highest epoch of a leader
};

}  // namespace rollcall::cluster
