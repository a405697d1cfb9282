#include "lib/placement/shelves.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace rollcall::placement {

namespace {

// How many units of a class are looked at that may cost more than is sought, though others of the class do not.
constexpr size_t looks_max = 16;

// The place of the highest bit, and the two bits below it.
uint8_t class_of(cost expense) {
  auto high = static_cast<unsigned>(std::bit_width(expense)) - 1;
  auto below = high < 2 ? 0 : (expense >> (high - 2)) & 3;
  return static_cast<uint8_t>(4 * high + below);
}

template <class Entries, class Number>
auto place_in(Entries& entries, Number number) {
  return std::lower_bound(entries.begin(), entries.end(), number,
                          [](const auto& entry, Number wanted) { return entry.first < wanted; });
}

}  // namespace

void cost_lists::insert(unit_table& units, unit_slot slot) {
  unit& added = units.at(slot);
  auto number = class_of(added.expense);
  auto at = place_in(classes_, number);
  if (at == classes_.end() || at->first != number) at = classes_.insert(at, {number, {}});
  added.position = static_cast<uint32_t>(at->second.size());
  at->second.push_back(slot);
  expense_ += added.expense;
}

void cost_lists::erase(unit_table& units, unit_slot slot) {
  const unit& removed = units.at(slot);
  auto at = place_in(classes_, class_of(removed.expense));
  auto& slots = at->second;
  unit_slot last = slots.back();
  slots[removed.position] = last;
  units.at(last).position = removed.position;
  slots.pop_back();
  if (slots.empty()) classes_.erase(at);
  expense_ -= removed.expense;
}

void cost_lists::reprice(unit_table& units, unit_slot slot, cost newest) {
  unit& changed = units.at(slot);
  if (class_of(newest) == class_of(changed.expense)) {
    expense_ = expense_ - changed.expense + newest;
    changed.expense = newest;
    return;
  }
  erase(units, slot);
  changed.expense = newest;
  insert(units, slot);
}

unit_slot cost_lists::dearest_within(const unit_table& units, uint64_t limit) const {
  if (limit == 0) return no_unit;
  auto number = class_of(static_cast<cost>(std::min<uint64_t>(limit, std::numeric_limits<cost>::max())));
  auto at = place_in(classes_, number);
  if (at != classes_.end() && at->first == number) {
    size_t looks = std::min(looks_max, at->second.size());
    for (size_t i = 0; i < looks; ++i) {
      if (units.at(at->second[i]).expense <= limit) return at->second[i];
    }
  }
  return at == classes_.begin() ? no_unit : std::prev(at)->second.front();
}

void shelves::insert(unit_table& units, unit_slot slot) {
  const unit& added = units.at(slot);
  expense_ += added.expense;
  targets_ += units.targets(slot).size();
  if (added.moving) return moving_.insert(units, slot);
  uint32_t number = added.shelf;
  auto at = find(number);
  if (at == resting_.end() || at->first != number) at = resting_.insert(at, {number, {}});
  at->second.insert(units, slot);
}

void shelves::erase(unit_table& units, unit_slot slot) {
  const unit& removed = units.at(slot);
  expense_ -= removed.expense;
  targets_ -= units.targets(slot).size();
  if (removed.moving) return moving_.erase(units, slot);
  auto at = find(removed.shelf);
  at->second.erase(units, slot);
  if (at->second.empty()) resting_.erase(at);
}

void shelves::reprice(unit_table& units, unit_slot slot, cost newest) {
  const unit& changed = units.at(slot);
  expense_ = expense_ - changed.expense + newest;
  auto& lists = changed.moving ? moving_ : find(changed.shelf)->second;
  lists.reprice(units, slot, newest);
}

std::vector<shelves::shelf>::iterator shelves::find(uint32_t number) { return place_in(resting_, number); }

}  // namespace rollcall::placement
