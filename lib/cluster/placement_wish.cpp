#include "lib/cluster/placement_wish.hpp"

#include "lib/cluster/protocol.hpp"

namespace rollcall::cluster {

placement_wish wish_of(const placement_rules& rules, const labels& target) {
  placement_wish wish;
  auto value_of = [&](const std::string& name) { return std::string(name.empty() ? "" : target.get(name)); };
  // Odd, as 0 is no number of a group.
  if (auto group = value_of(rules.together_label); !group.empty()) wish.together = digest(group) | 1;
  if (auto zone = value_of(rules.zone_label); !zone.empty())
    wish.where = {placement::affinity::scope::zone, std::move(zone), rules.zone_strength};
  return wish;
}

}  // namespace rollcall::cluster
