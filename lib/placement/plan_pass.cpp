#include "lib/placement/plan_pass.hpp"

#include <algorithm>

namespace rollcall::placement {

namespace {

// How many of the most loaded workers are asked for something that another one can take.
constexpr size_t donors_max = 16;

// Null when nothing is on it.
const cost_lists* find_shelf(const holder& owner, uint32_t number) {
  for (const auto& [each, lists] : owner.held.resting()) {
    if (each == number) return &lists;
  }
  return nullptr;
}

// Those first that have the least choice.
std::vector<uint32_t> shelf_numbers(const holder& owner) {
  std::vector<uint32_t> numbers;
  for (const auto& [number, lists] : owner.held.resting()) numbers.push_back(number);
  auto choice = [](uint32_t number) { return is_required(number) ? 0 : place_of(number) != 0 ? 1 : 2; };
  std::stable_sort(numbers.begin(), numbers.end(), [&](auto a, auto b) { return choice(a) < choice(b); });
  return numbers;
}

}  // namespace

plan_pass::plan_pass(holdings& state, const placement_options& options, move_budget& budget, size_t handovers_max)
    : state_(state), options_(options), budget_(budget), handovers_max_(handovers_max) {}

std::vector<move> plan_pass::run() {
  measure();
  if (takers_.empty()) return {};
  place_homeless();
  empty_drained();
  move_to_required_places();
  move_to_preferred_places();
  note_corrections();
  fill_underloaded();
  note_corrections();
  relieve_overloaded();
  return std::move(moves_);
}

void plan_pass::measure() {
  double load = 0;
  double capacity = 0;
  for (worker_number number = nobody + 1; number < state_.numbers_end(); ++number) {
    const auto* worker = state_.find(number);
    if (worker == nullptr) continue;
    load += static_cast<double>(worker->held.expense());
    if (worker->draining) {
      drained_.push_back(number);
      continue;
    }
    takers_.push_back(number);
    order_.insert(number, *worker);
    capacity += worker->described.capacity;
  }
  for (const auto& [number, lists] : state_.at(nobody).held.resting()) {
    bool can_be_placed = !is_required(number) || order_.least_loaded(place_of(number)) != nobody;
    if (can_be_placed) load += static_cast<double>(lists.expense());
  }
  if (capacity > 0) mean_ = load / capacity;
}

void plan_pass::place_homeless() { empty_all_shelves(nobody, move_reason::new_target); }

void plan_pass::empty_drained() {
  for (auto number : drained_) empty_all_shelves(number, move_reason::drained);
}

void plan_pass::move_to_required_places() {
  for (auto number : takers_) {
    for (auto shelf : shelf_numbers(state_.at(number))) {
      if (!is_required(shelf) || state_.at(number).is_at(place_of(shelf))) continue;
      empty_shelf(number, shelf, move_reason::affinity);
    }
  }
}

void plan_pass::empty_all_shelves(worker_number from, move_reason why) {
  for (auto shelf : shelf_numbers(state_.at(from))) empty_shelf(from, shelf, why);
}

// The dearest first: the cheap ones even out what those leave.
void plan_pass::empty_shelf(worker_number from, uint32_t shelf, move_reason why) {
  while (from == nobody ? may_place() : may_hand_over()) {
    const auto* lists = find_shelf(state_.at(from), shelf);
    if (lists == nullptr) return;
    auto slot = lists->dearest();
    const unit& moved = state_.units().at(slot);
    auto to = best_owner(shelf, moved.expense);
    if (to == nobody) return;
    move_unit(slot, to, moved.orphaned ? move_reason::owner_left : why);
  }
}

worker_number plan_pass::best_owner(uint32_t shelf, cost expense) const {
  if (place_of(shelf) != 0) {
    auto wanted = order_.least_loaded(place_of(shelf));
    if (is_required(shelf)) return wanted;
    if (wanted != nobody) {
      const auto& there = state_.at(wanted);
      double load = there.relative_load() + double(expense) / there.described.capacity;
      if (load <= mean_ * (1 + options_.tolerance)) return wanted;
    }
  }
  return order_.least_loaded(0);
}

// What spilled over comes back where there is room below the mean, so that it does not spill over again.
void plan_pass::move_to_preferred_places() {
  for (auto number : takers_) {
    for (auto shelf : shelf_numbers(state_.at(number))) {
      auto place = place_of(shelf);
      if (is_required(shelf) || state_.at(number).is_at(place)) continue;
      while (may_rebalance()) {
        auto to = order_.least_loaded(place);
        if (to == nobody || !try_move(number, to, shelf, {0, mean_}, move_reason::affinity)) break;
      }
    }
  }
}

void plan_pass::fill_underloaded() {
  for (auto number : in_need_of(correction::underloaded)) {
    const auto& taker = state_.at(number);
    fill(number, 0);
    if (taker.zone != 0) fill(number, taker.zone);
    if (taker.node != 0) fill(number, taker.node);
  }
}

void plan_pass::fill(worker_number taker, uint32_t place) {
  auto& filled = state_.at(taker);
  // Down to the level that leaves all givers equal; where what they have is too coarse for that, as far as they may go.
  for (double floor : {water_level(taker, place), mean_ * (1 - options_.settled)}) {
    while (may_rebalance() && filled.needed == correction::underloaded && take_one(taker, place, floor)) {
      if (is_settled(filled)) filled.needed = correction::none;
    }
  }
}

// The load that the most loaded of the place have in common once they have given the taker what it lacks.
double plan_pass::water_level(worker_number taker, uint32_t place) const {
  const auto& filled = state_.at(taker);
  double wanted = (mean_ - filled.relative_load()) * filled.described.capacity;
  double capacity = 0;
  double load = 0;
  const auto& all = order_.at(place);
  for (auto each = all.rbegin(); each != all.rend(); ++each) {
    if (capacity > 0 && load - each->first * capacity >= wanted) break;
    const auto& giver = state_.at(each->second);
    capacity += giver.described.capacity;
    load += each->first * giver.described.capacity;
  }
  return capacity > 0 ? std::max((load - wanted) / capacity, mean_ * (1 - options_.settled)) : mean_;
}

bool plan_pass::take_one(worker_number taker, uint32_t place, double floor) {
  const auto& all = order_.at(place);
  size_t asked = 0;
  for (auto each = all.rbegin(); each != all.rend() && asked < donors_max; ++each, ++asked) {
    if (each->second == taker) return false;
    for (auto shelf : shelf_numbers(state_.at(each->second))) {
      if (!state_.at(taker).is_at(place_of(shelf))) continue;
      if (try_move(each->second, taker, shelf, {floor, mean_}, move_reason::underloaded)) return true;
    }
  }
  return false;
}

void plan_pass::relieve_overloaded() {
  for (auto number : in_need_of(correction::overloaded)) {
    auto& relieved = state_.at(number);
    while (may_rebalance() && relieved.needed == correction::overloaded && give_one(number)) {
      if (is_settled(relieved)) relieved.needed = correction::none;
    }
  }
}

bool plan_pass::give_one(worker_number giver) {
  band within{mean_, mean_ * (1 + options_.settled)};
  for (auto shelf : shelf_numbers(state_.at(giver))) {
    auto near = order_.least_loaded(place_of(shelf));
    if (near != nobody && try_move(giver, near, shelf, within, move_reason::overloaded)) return true;
    if (is_required(shelf) || place_of(shelf) == 0) continue;
    if (try_move(giver, order_.least_loaded(0), shelf, within, move_reason::overloaded)) return true;
  }
  return false;
}

bool plan_pass::try_move(worker_number from, worker_number to, uint32_t shelf, band within, move_reason why) {
  if (from == to) return false;
  const auto* lists = find_shelf(state_.at(from), shelf);
  if (lists == nullptr) return false;
  auto slot = chosen(*lists, state_.at(from), state_.at(to), within, why);
  if (slot == no_unit) return false;
  budget_.take(state_.units().targets(slot).size());
  move_unit(slot, to, why);
  return true;
}

unit_slot plan_pass::chosen(const cost_lists& lists, const holder& from, const holder& to, band within,
                            move_reason why) const {
  double given = from.relative_load();
  double taken = to.relative_load();
  // Both on one side of the mean, as happens where affinities keep load in a place: they meet half-way.
  if ((given <= within.floor || taken >= within.ceiling) && given - taken > mean_ * options_.tolerance) {
    within.floor = within.ceiling = (given + taken) / 2;
  }
  double limit =
      std::min((given - within.floor) * from.described.capacity, (within.ceiling - taken) * to.described.capacity);
  if (limit < 1) return no_unit;
  auto slot = lists.dearest_within(state_.units(), static_cast<uint64_t>(limit));
  if (slot != no_unit || why != move_reason::overloaded) return slot;
  // Everything is too coarse to end within the band, but the higher of the two loads may still become lower.
  slot = lists.cheapest();
  double after = taken + double(state_.units().at(slot).expense) / to.described.capacity;
  return after < given - mean_ * options_.settled ? slot : no_unit;
}

void plan_pass::move_unit(unit_slot slot, worker_number to, move_reason why) {
  auto from = state_.units().at(slot).owner;
  auto& giver = state_.at(from);
  auto& taker = state_.at(to);
  bool giver_is_ordered = from != nobody && !giver.draining;
  if (giver_is_ordered) order_.erase(from, giver);
  order_.erase(to, taker);
  state_.give(slot, to, unit_motion::moving);
  if (giver_is_ordered) order_.insert(from, giver);
  order_.insert(to, taker);
  for (auto target : state_.units().targets(slot)) moves_.push_back({target, from, to, why});
  if (from == nobody) placed_ += state_.units().targets(slot).size();
}

void plan_pass::note_corrections() {
  for (auto number : takers_) {
    auto& worker = state_.at(number);
    double load = worker.relative_load();
    if (load > mean_ * (1 + options_.tolerance)) {
      worker.needed = correction::overloaded;
    } else if (load < mean_ * (1 - options_.tolerance)) {
      worker.needed = correction::underloaded;
    } else if (is_settled(worker)) {
      worker.needed = correction::none;
    }
  }
}

// Whether what was begun for the worker can end.
bool plan_pass::is_settled(const holder& worker) const {
  double load = worker.relative_load();
  bool is_low_enough = worker.needed != correction::overloaded || load <= mean_ * (1 + options_.settled);
  bool is_high_enough = worker.needed != correction::underloaded || load >= mean_ * (1 - options_.settled);
  return is_low_enough && is_high_enough;
}

// The worst first.
std::vector<worker_number> plan_pass::in_need_of(correction what) const {
  std::vector<worker_number> found;
  for (const auto& [load, number] : order_.at(0)) {
    if (state_.at(number).needed == what) found.push_back(number);
  }
  if (what == correction::overloaded) std::reverse(found.begin(), found.end());
  return found;
}

}  // namespace rollcall::placement
