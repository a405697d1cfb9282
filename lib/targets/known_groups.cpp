#include "lib/targets/known_groups.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

namespace rollcall {

namespace {

size_t count_targets(const group_table& groups) {
  size_t count = 0;
  for (const auto& group : groups) count += group->targets.size();
  return count;
}

target_group_ptr empty_group(const std::string& source) {
  auto group = std::make_shared<target_group>();
  group->source = source;
  return group;
}

// Names the sources that a whole change is silent about.
void withdraw_unnamed(const group_table& known, std::vector<target_group_ptr>& groups) {
  std::set<std::string_view> named;
  for (const auto& group : groups) named.insert(group->source);
  std::vector<target_group_ptr> withdrawn;
  for (const auto& group : known)
    if (!named.contains(group->source)) withdrawn.push_back(empty_group(group->source));
  groups.insert(groups.end(), withdrawn.begin(), withdrawn.end());
}

// Whether this makes a difference to what is known, which it then has become. Else that stays: others share it.
bool learn(group_table& known, const target_group_ptr& group) {
  if (group->targets.empty()) return known.take(group->source) != nullptr;
  auto before = known.find(group->source);
  if (before && *before == *group) return false;
  known.put(group);
  return true;
}

}  // namespace

std::vector<target_group_ptr> known_groups::take(std::vector<target_group_ptr> groups, extent extent, int64_t now) {
  if (extent == extent::whole) withdraw_unnamed(said_, groups);
  // Most changes name too few targets to be worth a closer look.
  bool guarded = guard_.share > 0 && is_much(named_targets(groups), said_targets_);
  auto before = guarded ? said_ : group_table{};
  auto differs = put_in_force(std::move(groups));
  if (guarded) begin_hold(before, now);
  if (held_until_ == 0) return differs;
  auto held = update_held();
  differs.insert(differs.end(), held.begin(), held.end());
  return differs;
}

std::vector<target_group_ptr> known_groups::let_go(int64_t now) {
  if (held_until_ == 0 || now < held_until_) return {};
  end_hold();
  return update_held();
}

// How many targets there are of the sources that these groups are of.
size_t known_groups::named_targets(const std::vector<target_group_ptr>& groups) const {
  size_t count = 0;
  for (const auto& group : groups)
    if (auto found = said_.find(group->source)) count += found->targets.size();
  return count;
}

bool known_groups::is_much(size_t dropped, size_t of) const {
  return static_cast<double>(dropped) > guard_.share * static_cast<double>(of);
}

std::vector<target_group_ptr> known_groups::put_in_force(std::vector<target_group_ptr> groups) {
  std::erase_if(groups, [&](const target_group_ptr& group) {
    auto known = said_.find(group->source);
    auto before = known ? known->targets.size() : 0;
    if (!learn(said_, group)) return true;
    said_targets_ += group->targets.size() - before;
    return false;
  });
  return groups;
}

// If too much is gone. What was held back already stays so, for as long as what is added to it.
void known_groups::begin_hold(const group_table& before, int64_t now) {
  if (!is_much(count_targets(missing_targets(before, said_)), count_targets(before))) return;
  before_ = held_;
  for (const auto& group : before) {
    auto held_back = std::make_shared<target_group>(*group);
    do held_back->source.insert(0, "held back: ");
    while (before_.find(held_back->source));
    before_.put(std::move(held_back));
  }
  held_until_ = now + guard_.hold.count();
}

void known_groups::end_hold() {
  before_.clear();
  held_until_ = 0;
}

// What came back is held back no more, and when everything has, it is over.
std::vector<target_group_ptr> known_groups::update_held() {
  auto held = missing_targets(before_, said_);
  if (held.empty()) end_hold();
  withdraw_unnamed(held_, held);
  std::erase_if(held, [&](const target_group_ptr& group) { return !learn(held_, group); });
  return held;
}

std::vector<target_group_ptr> known_groups::all() const {
  group_table merged = said_;
  for (const auto& group : held_) merged.put(group);
  return {merged.begin(), merged.end()};
}

size_t known_groups::targets() const { return said_targets_ + held_targets(); }

size_t known_groups::held_targets() const { return count_targets(held_); }

}  // namespace rollcall
