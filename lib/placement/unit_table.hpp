#pragma once

#include "lib/placement/cost.hpp"

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace rollcall::placement {

/// Where a unit stands in its table; used again after the unit is gone.
using unit_slot = uint32_t;

inline constexpr unit_slot no_unit = UINT32_MAX;

/// What has one owner: a target, or a group of targets that are kept together.
struct unit {
  uint64_t key = 0;  ///< The target's identity, or what keeps the group together.
  cost expense = 1;  ///< Of the group: of all its targets.
  uint32_t position = 0;
  uint32_t owner = 0;
  uint32_t shelf : 28 = 0;  ///< See shelf_of().
  uint32_t grouped : 1 = 0;
  uint32_t measured : 1 = 0;
  uint32_t moving : 1 = 0;    ///< A move was planned and is not settled.
  uint32_t orphaned : 1 = 0;  ///< Its last owner left.
};

// Ten million of them are held.
static_assert(sizeof(unit) == 24);

/// Units by the identities of their targets: 24 bytes and an index of 4 to 11 for a target of its own.
class unit_table {
 public:
  /// no_unit when there is none.
  unit_slot find(uint64_t identity) const;

  /// Adds a target that is not here yet: to the group of that key, unless `together` is 0. The unit is new if the
  /// target is its only one.
  unit_slot add(uint64_t identity, uint64_t together, cost expected);

  /// The unit of the targets that this keeps together; no_unit when there are none.
  unit_slot find_group(uint64_t together) const;

  /// Takes out a target that is here. Returns its unit if that has other targets; one without targets is gone.
  unit_slot remove(uint64_t identity);

  unit& at(unit_slot slot) { return units_[slot]; }
  const unit& at(unit_slot slot) const { return units_[slot]; }

  /// Never empty; valid until the next change.
  std::span<const uint64_t> targets(unit_slot slot) const;

  /// What the target alone costs.
  cost expense(uint64_t identity) const;
  bool is_measured(uint64_t identity) const;
  /// Notes what a target of a group costs and returns what its group does then. Of others returns `newest`.
  cost note(uint64_t identity, cost newest);

 private:
  struct group {
    unit_slot slot = no_unit;
    uint64_t expense = 0;
    std::vector<uint64_t> members;
  };

  struct member {
    uint64_t together = 0;
    cost expense = 1;
    bool measured = false;
  };

  unit_slot create(uint64_t key);
  void release(unit_slot slot);
  void index(uint64_t identity, unit_slot slot);
  void remove_from_index(uint64_t identity);
  void grow_index();
  size_t home(uint64_t identity) const { return (identity * 0x9e3779b97f4a7c15u) >> shift_; }

  std::vector<unit> units_;
  unit_slot free_ = no_unit;
  // Open addressing, linear probing, at most three quarters full: slots of targets of their own.
  std::vector<unit_slot> index_;
  size_t indexed_ = 0;
  unsigned shift_ = 64;
  std::unordered_map<uint64_t, member> members_;
  std::unordered_map<uint64_t, group> groups_;
};

}  // namespace rollcall::placement
