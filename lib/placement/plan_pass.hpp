#pragma once

#include "lib/placement/holdings.hpp"
#include "lib/placement/load_order.hpp"
#include "lib/placement/move.hpp"
#include "lib/placement/move_budget.hpp"
#include "lib/placement/options.hpp"

#include <cstdint>
#include <vector>

namespace rollcall::placement {

/// One look at all workers, and the moves that follow from it. What it uses has to outlive it.
class plan_pass {
 public:
  plan_pass(holdings& state, const placement_options& options, move_budget& budget, size_t handovers_max);

  /// Carries the moves out in the holdings. Once.
  std::vector<move> run();

 private:
  /// Down to which load a giver gives, and up to which a taker takes.
  struct band {
    double floor = 0;
    double ceiling = 0;
  };

  void measure();
  void place_homeless();
  void empty_drained();
  void move_to_required_places();
  void move_to_preferred_places();
  void fill_underloaded();
  void relieve_overloaded();

  void empty_shelf(worker_number from, uint32_t shelf, move_reason why);
  void empty_all_shelves(worker_number from, move_reason why);
  worker_number best_owner(uint32_t shelf, cost expense) const;
  void fill(worker_number taker, uint32_t place);
  bool take_one(worker_number taker, uint32_t place, double floor);
  double water_level(worker_number taker, uint32_t place) const;
  bool give_one(worker_number giver);
  bool try_move(worker_number from, worker_number to, uint32_t shelf, band within, move_reason why);
  unit_slot chosen(const cost_lists& lists, const holder& from, const holder& to, band within, move_reason why) const;
  void move_unit(unit_slot slot, worker_number to, move_reason why);

  void note_corrections();
  bool is_settled(const holder& worker) const;
  std::vector<worker_number> in_need_of(correction what) const;
  bool may_place() const { return placed_ < options_.placements_max; }
  bool may_hand_over() const { return moves_.size() - placed_ < handovers_max_; }
  bool may_rebalance() const { return mean_ > 0 && may_hand_over() && !budget_.is_empty(); }

  holdings& state_;
  const placement_options& options_;
  move_budget& budget_;
  const size_t handovers_max_;
  std::vector<worker_number> takers_;  // who takes targets, by number
  std::vector<worker_number> drained_;
  load_order order_;
  double mean_ = 0;  // of the relative loads once everything has an owner
  std::vector<move> moves_;
  size_t placed_ = 0;  // of these, those that had no owner
};

}  // namespace rollcall::placement
