#include "lib/targets/missing_targets.hpp"

#include "lib/labels/names.hpp"

#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace rollcall {

namespace {

std::string_view address_of(const target_group& group, const packed_labels& target) {
  auto own = target.get(address_label);
  return own.empty() ? group.common.get(address_label) : own;
}

template <class Map, class Key>
bool take_one(Map& counts, const Key& key) {
  auto found = counts.find(key);
  if (found == counts.end() || found->second == 0) return false;
  --found->second;
  return true;
}

// Targets that no other target was found to be yet.
class unclaimed {
 public:
  explicit unclaimed(const group_table& groups) {
    for (const auto& group : groups)
      for (const auto& target : group->targets) {
        ++same_[identity_of(*group, target)];
        ++at_address_[address_of(*group, target)];
      }
  }

  bool claim_same(const target_group& group, const packed_labels& target) {
    return take_one(same_, identity_of(group, target)) && claim_address(group, target);
  }

  bool claim_address(const target_group& group, const packed_labels& target) {
    return take_one(at_address_, address_of(group, target));
  }

 private:
  // Whatever is divided differently between group and target is still found by its address.
  static uint64_t identity_of(const target_group& group, const packed_labels& target) {
    return group.common.hash() * 31 + target.hash();
  }

  std::unordered_map<uint64_t, size_t> same_;
  std::unordered_map<std::string_view, size_t> at_address_;  // views into the groups
};

}  // namespace

std::vector<target_group_ptr> missing_targets(const group_table& before, const group_table& after) {
  unclaimed left(after);
  std::vector<target_group> changed;
  for (const auto& group : before) {
    target_group rest{group->source, group->common, {}};
    for (const auto& target : group->targets)
      if (!left.claim_same(*group, target)) rest.targets.push_back(target);
    if (!rest.targets.empty()) changed.push_back(std::move(rest));
  }
  std::vector<target_group_ptr> missing;
  for (auto& group : changed) {
    std::erase_if(group.targets, [&](const packed_labels& target) { return left.claim_address(group, target); });
    if (!group.targets.empty()) missing.push_back(std::make_shared<const target_group>(std::move(group)));
  }
  return missing;
}

}  // namespace rollcall
