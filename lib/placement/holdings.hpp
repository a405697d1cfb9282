#pragma once

#include "lib/placement/shelves.hpp"
#include "lib/placement/unit_table.hpp"
#include "lib/placement/worker.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace rollcall::placement {

/// Whether a worker's load is to be corrected: from when it is out of tolerance until it is settled.
enum class correction : unsigned char { none, overloaded, underloaded };

/// Whether a unit stays where it is or has just been given to its owner, who may not have it yet.
enum class unit_motion : unsigned char { resting, moving };

/// A worker and what it owns.
struct holder {
  worker_description described;
  uint32_t zone = 0;
  uint32_t node = 0;
  bool draining = false;
  correction needed = correction::none;
  shelves held;

  bool is_at(uint32_t place) const { return place == 0 || place == zone || place == node; }
  double relative_load() const { return static_cast<double>(held.expense()) / described.capacity; }
};

/// Who owns what. Worker 0 is nobody, and holds what has no owner.
class holdings {
 public:
  holdings();

  /// Its number.
  worker_number add_worker();
  void remove_worker(worker_number number) { holders_[number].reset(); }
  /// Null when it is not there any more, or never was.
  holder* find(worker_number number) { return number < holders_.size() ? holders_[number].get() : nullptr; }
  const holder* find(worker_number number) const { return number < holders_.size() ? holders_[number].get() : nullptr; }
  holder& at(worker_number number) { return *holders_[number]; }
  const holder& at(worker_number number) const { return *holders_[number]; }
  /// One more than the highest number ever used.
  worker_number numbers_end() const { return static_cast<worker_number>(holders_.size()); }

  unit_table& units() { return units_; }
  const unit_table& units() const { return units_; }

  /// Gives a unit to another owner, where it rests or is on the move.
  void give(unit_slot slot, worker_number to, unit_motion motion);
  /// Between these two the unit is on nobody's shelves and may be changed.
  void take_off(unit_slot slot) { at(units_.at(slot).owner).held.erase(units_, slot); }
  void put_back(unit_slot slot) { at(units_.at(slot).owner).held.insert(units_, slot); }
  void reprice(unit_slot slot, cost newest) { at(units_.at(slot).owner).held.reprice(units_, slot, newest); }

 private:
  unit_table units_;
  std::vector<std::unique_ptr<holder>> holders_;
};

}  // namespace rollcall::placement
