#include "lib/placement/placement.hpp"

#include "lib/base/assert.hpp"
#include "lib/placement/plan_pass.hpp"

#include <algorithm>
#include <limits>

namespace rollcall::placement {

namespace {

// Two milliseconds every fifteen seconds: a target of some hundred series.
constexpr cost expense_without_precedent = 25'000;

}  // namespace

placement::placement(placement_options options) : options_(options), budget_(options.rebalancing_per_minute) {
  ROLLCALL_ASSERT(options.settled >= 0 && options.settled <= options.tolerance);
}

worker_number placement::join(const worker_description& worker) {
  ROLLCALL_ASSERT(worker.capacity > 0);
  auto [at, fresh] = numbers_.emplace(worker.name, nobody);
  if (fresh) at->second = state_.add_worker();
  describe(state_.at(at->second), worker);
  return at->second;
}

void placement::leave(worker_number worker) {
  auto* leaving = worker == nobody ? nullptr : state_.find(worker);
  if (leaving == nullptr) return;
  std::vector<unit_slot> left;
  leaving->held.visit([&](unit_slot slot) { left.push_back(slot); });
  for (auto slot : left) {
    state_.give(slot, nobody, unit_motion::resting);
    state_.units().at(slot).orphaned = 1;
  }
  places_.release(leaving->zone);
  places_.release(leaving->node);
  numbers_.erase(leaving->described.name);
  state_.remove_worker(worker);
}

void placement::drain(worker_number worker) {
  auto* drained = worker == nobody ? nullptr : state_.find(worker);
  if (drained != nullptr) drained->draining = true;
}

void placement::add(const target_description& target) {
  auto& units = state_.units();
  if (units.find(target.identity) != no_unit) return;
  auto expected = target.expected != 0 ? target.expected : mean_expense();
  auto kept_with = target.together == 0 ? no_unit : units.find_group(target.together);
  if (kept_with == no_unit) {
    auto slot = units.add(target.identity, target.together, expected);
    units.at(slot).shelf = wanted_shelf(target.wants);
    state_.put_back(slot);
  } else {
    state_.take_off(kept_with);
    units.add(target.identity, target.together, expected);
    state_.put_back(kept_with);
  }
  ++targets_;
  expense_ += expected;
}

void placement::remove(uint64_t identity) {
  auto& units = state_.units();
  auto slot = units.find(identity);
  if (slot == no_unit) return;
  --targets_;
  expense_ -= units.expense(identity);
  state_.take_off(slot);
  auto place = place_of(units.at(slot).shelf);
  if (units.remove(identity) == no_unit) {
    places_.release(place);
  } else {
    state_.put_back(slot);
  }
}

void placement::adopt(uint64_t identity, worker_number owner) {
  auto slot = state_.units().find(identity);
  if (slot == no_unit) return;
  state_.give(slot, state_.find(owner) == nullptr ? nobody : owner, unit_motion::resting);
}

void placement::settle(uint64_t identity) {
  auto slot = state_.units().find(identity);
  if (slot == no_unit || !state_.units().at(slot).moving) return;
  state_.give(slot, state_.units().at(slot).owner, unit_motion::resting);
}

void placement::observe(uint64_t identity, cost newest) {
  auto& units = state_.units();
  auto slot = units.find(identity);
  if (slot == no_unit) return;
  auto before = units.expense(identity);
  auto after =
      units.is_measured(identity) ? averaged(before, newest, options_.newest_weight) : std::max<cost>(newest, 1);
  expense_ = expense_ - before + after;
  state_.reprice(slot, units.note(identity, after));
}

std::vector<move> placement::plan(milliseconds now, size_t handovers_max) {
  double share = options_.rebalancing_share_per_minute * static_cast<double>(targets_);
  budget_.allow(std::max<double>(options_.rebalancing_per_minute, share));
  budget_.refill(now);
  return plan_pass(state_, options_, budget_, handovers_max).run();
}

worker_number placement::owner(uint64_t identity) const {
  auto slot = state_.units().find(identity);
  return slot == no_unit ? nobody : state_.units().at(slot).owner;
}

cost placement::expense(uint64_t identity) const {
  const auto& units = state_.units();
  return units.find(identity) == no_unit ? 0 : units.expense(identity);
}

const worker_description* placement::worker(worker_number number) const {
  const auto* found = number == nobody ? nullptr : state_.find(number);
  return found == nullptr ? nullptr : &found->described;
}

bool placement::is_draining(worker_number number) const {
  const auto* found = state_.find(number);
  return found != nullptr && found->draining;
}

worker_load placement::load(worker_number number) const {
  const auto* found = state_.find(number);
  if (found == nullptr) return {};
  return {found->held.expense(), found->held.targets()};
}

std::vector<uint64_t> placement::targets_of(worker_number number) const {
  std::vector<uint64_t> all;
  const auto* found = state_.find(number);
  if (found == nullptr) return all;
  all.reserve(found->held.targets());
  found->held.visit([&](unit_slot slot) {
    auto targets = state_.units().targets(slot);
    all.insert(all.end(), targets.begin(), targets.end());
  });
  return all;
}

std::vector<worker_number> placement::workers() const {
  std::vector<worker_number> all;
  for (const auto& [name, number] : numbers_) all.push_back(number);
  std::sort(all.begin(), all.end());
  return all;
}

uint32_t placement::wanted_shelf(const affinity& wants) {
  if (wants.where == affinity::scope::anywhere || wants.name.empty()) return shelf_of(0, false);
  auto kind = wants.where == affinity::scope::zone ? place_table::kind::zone : place_table::kind::node;
  return shelf_of(places_.acquire(kind, wants.name), wants.how == affinity::strength::required);
}

void placement::describe(holder& worker, const worker_description& as) {
  auto zone_before = worker.zone;
  auto node_before = worker.node;
  worker.zone = places_.acquire(place_table::kind::zone, as.zone);
  worker.node = places_.acquire(place_table::kind::node, as.node);
  places_.release(zone_before);
  places_.release(node_before);
  worker.described = as;
  worker.draining = false;
}

cost placement::mean_expense() const {
  if (targets_ == 0) return expense_without_precedent;
  return static_cast<cost>(expense_ / targets_);
}

}  // namespace rollcall::placement
