#include "lib/placement/unit_table.hpp"

#include "lib/base/assert.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace rollcall::placement {

namespace {

constexpr size_t index_size_min = 16;

cost capped(uint64_t value) {
  return static_cast<cost>(std::clamp<uint64_t>(value, 1, std::numeric_limits<cost>::max()));
}

}  // namespace

unit_slot unit_table::find(uint64_t identity) const {
  if (!index_.empty()) {
    size_t mask = index_.size() - 1;
    for (size_t i = home(identity); index_[i] != no_unit; i = (i + 1) & mask) {
      if (units_[index_[i]].key == identity) return index_[i];
    }
  }
  auto found = members_.find(identity);
  return found == members_.end() ? no_unit : groups_.at(found->second.together).slot;
}

unit_slot unit_table::find_group(uint64_t together) const {
  auto found = groups_.find(together);
  return found == groups_.end() ? no_unit : found->second.slot;
}

unit_slot unit_table::add(uint64_t identity, uint64_t together, cost expected) {
  if (together == 0) {
    unit_slot slot = create(identity);
    units_[slot].expense = std::max<cost>(expected, 1);
    index(identity, slot);
    return slot;
  }
  members_.emplace(identity, member{together, std::max<cost>(expected, 1), false});
  auto& joined = groups_[together];
  if (joined.members.empty()) {
    joined.slot = create(together);
    units_[joined.slot].grouped = 1;
  }
  joined.members.push_back(identity);
  joined.expense += std::max<cost>(expected, 1);
  units_[joined.slot].expense = capped(joined.expense);
  return joined.slot;
}

unit_slot unit_table::remove(uint64_t identity) {
  auto found = members_.find(identity);
  if (found == members_.end()) {
    unit_slot slot = find(identity);
    ROLLCALL_ASSERT(slot != no_unit);
    remove_from_index(identity);
    release(slot);
    return no_unit;
  }
  auto at = groups_.find(found->second.together);
  group& left = at->second;
  unit_slot slot = left.slot;
  left.expense -= found->second.expense;
  std::erase(left.members, identity);
  members_.erase(found);
  if (!left.members.empty()) {
    units_[slot].expense = capped(left.expense);
    return slot;
  }
  release(slot);
  groups_.erase(at);
  return no_unit;
}

std::span<const uint64_t> unit_table::targets(unit_slot slot) const {
  const unit& of = units_[slot];
  if (!of.grouped) return {&of.key, 1};
  return groups_.at(of.key).members;
}

cost unit_table::expense(uint64_t identity) const {
  auto found = members_.find(identity);
  return found == members_.end() ? units_[find(identity)].expense : found->second.expense;
}

bool unit_table::is_measured(uint64_t identity) const {
  auto found = members_.find(identity);
  return found == members_.end() ? units_[find(identity)].measured : found->second.measured;
}

cost unit_table::note(uint64_t identity, cost newest) {
  auto found = members_.find(identity);
  if (found == members_.end()) {
    units_[find(identity)].measured = 1;
    return newest;
  }
  auto& its_group = groups_.at(found->second.together);
  its_group.expense = its_group.expense - found->second.expense + newest;
  found->second.expense = newest;
  found->second.measured = true;
  return capped(its_group.expense);
}

unit_slot unit_table::create(uint64_t key) {
  unit_slot slot = free_;
  if (slot == no_unit) {
    ROLLCALL_ASSERT(units_.size() < no_unit);
    slot = static_cast<unit_slot>(units_.size());
    units_.emplace_back();
  } else {
    free_ = units_[slot].position;
  }
  units_[slot] = unit{};
  units_[slot].key = key;
  return slot;
}

void unit_table::release(unit_slot slot) {
  units_[slot].position = free_;
  free_ = slot;
}

void unit_table::index(uint64_t identity, unit_slot slot) {
  if (4 * (indexed_ + 1) > 3 * index_.size()) grow_index();
  size_t mask = index_.size() - 1;
  size_t i = home(identity);
  while (index_[i] != no_unit) i = (i + 1) & mask;
  index_[i] = slot;
  ++indexed_;
}

void unit_table::remove_from_index(uint64_t identity) {
  size_t mask = index_.size() - 1;
  size_t gap = home(identity);
  while (units_[index_[gap]].key != identity) gap = (gap + 1) & mask;
  // What stands behind the gap closes up, unless it stands before where it belongs.
  for (size_t i = (gap + 1) & mask; index_[i] != no_unit; i = (i + 1) & mask) {
    size_t wanted = home(units_[index_[i]].key);
    if (((i - wanted) & mask) < ((i - gap) & mask)) continue;
    index_[gap] = index_[i];
    gap = i;
  }
  index_[gap] = no_unit;
  --indexed_;
}

void unit_table::grow_index() {
  std::vector<unit_slot> before(std::max(index_size_min, 2 * index_.size()), no_unit);
  before.swap(index_);
  shift_ = 64 - static_cast<unsigned>(std::countr_zero(index_.size()));
  indexed_ = 0;
  for (auto slot : before) {
    if (slot != no_unit) index(units_[slot].key, slot);
  }
}

}  // namespace rollcall::placement
