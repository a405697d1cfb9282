#pragma once

#include "lib/targets/missing_targets.hpp"
#include "lib/targets/target_group.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

namespace rollcall {

/// When the removal of targets is held back.
struct removal_guard {
  /// A source that drops more than this share of its targets at once is not believed at once; 0 means that it is.
  double share = 0;
  std::chrono::milliseconds hold = std::chrono::minutes(10);
};

/// The target groups of one discovery: what its source says, and what is held back of that. A source that suddenly
/// names many targets no more may be broken, so they stay in force for a while, under sources of their own. What is new
/// is never held back. Times are milliseconds since the Unix epoch.
class known_groups {
 public:
  /// Whether a change names all groups there are, or leaves the others as they are.
  enum class extent : unsigned char { part, whole };

  explicit known_groups(removal_guard guard = {}) : guard_(guard) {}

  /// Takes what the source says; a group without targets withdraws its source. Returns what differs in what is in
  /// force, likewise.
  std::vector<target_group_ptr> take(std::vector<target_group_ptr> groups, extent extent, int64_t now);
  /// Gives up what has been held back until now. Returns what differs.
  std::vector<target_group_ptr> let_go(int64_t now);

  /// Everything in force, in order of source.
  std::vector<target_group_ptr> all() const;
  size_t targets() const;
  size_t sources() const { return said_.size() + held_.size(); }
  size_t held_targets() const;
  int64_t held_until() const { return held_until_; }  ///< 0 when nothing is held back.

 private:
  size_t named_targets(const std::vector<target_group_ptr>& groups) const;
  bool is_much(size_t dropped, size_t of) const;
  std::vector<target_group_ptr> put_in_force(std::vector<target_group_ptr> groups);
  void begin_hold(const group_table& before, int64_t now);
  void end_hold();
  std::vector<target_group_ptr> update_held();

  removal_guard guard_;
  group_table said_;    // by the source
  group_table before_;  // what was in force when removals began to be held back, by the sources of held_
  group_table held_;    // what of that is missing in said_
  size_t said_targets_ = 0;
  int64_t held_until_ = 0;
};

}  // namespace rollcall
