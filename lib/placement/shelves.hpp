#pragma once

#include "lib/placement/unit_table.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace rollcall::placement {

/// Units of one kind, sorted into classes of about equal expense: four for each doubling. Adding and taking out cost
/// constant time.
class cost_lists {
 public:
  void insert(unit_table& units, unit_slot slot);
  void erase(unit_table& units, unit_slot slot);
  /// Changes what a unit of these lists costs.
  void reprice(unit_table& units, unit_slot slot, cost newest);

  bool empty() const { return classes_.empty(); }
  uint64_t expense() const { return expense_; }

  /// One of the dearest class; not for empty lists, as the next.
  unit_slot dearest() const { return classes_.back().second.front(); }
  unit_slot cheapest() const { return classes_.front().second.front(); }
  /// One that costs no more than the limit, and not much less if there is such; no_unit if all cost more.
  unit_slot dearest_within(const unit_table& units, uint64_t limit) const;

  template <class Visitor>
  void visit(const Visitor& visitor) const {
    for (const auto& [number, slots] : classes_) {
      for (auto slot : slots) visitor(slot);
    }
  }

 private:
  using cost_class = std::pair<uint8_t, std::vector<unit_slot>>;

  std::vector<cost_class> classes_;  // by number; none is empty
  uint64_t expense_ = 0;
};

/// The shelf of units that want to be at a place, and may or may not be elsewhere.
constexpr uint32_t shelf_of(uint32_t place, bool required) { return 2 * place + (required ? 1 : 0); }
constexpr uint32_t place_of(uint32_t shelf) { return shelf / 2; }
constexpr bool is_required(uint32_t shelf) { return shelf % 2 == 1; }

/// All units of one owner: those on the move, and the others by what they want.
class shelves {
 public:
  using shelf = std::pair<uint32_t, cost_lists>;

  void insert(unit_table& units, unit_slot slot);
  void erase(unit_table& units, unit_slot slot);
  /// Changes what a unit of these shelves costs.
  void reprice(unit_table& units, unit_slot slot, cost newest);

  /// By number; none is empty.
  const std::vector<shelf>& resting() const { return resting_; }
  uint64_t expense() const { return expense_; }
  /// Targets, not units.
  size_t targets() const { return targets_; }

  template <class Visitor>
  void visit(const Visitor& visitor) const {
    moving_.visit(visitor);
    for (const auto& [number, lists] : resting_) lists.visit(visitor);
  }

 private:
  std::vector<shelf>::iterator find(uint32_t number);

  cost_lists moving_;
  std::vector<shelf> resting_;
  uint64_t expense_ = 0;
  size_t targets_ = 0;
};

}  // namespace rollcall::placement
