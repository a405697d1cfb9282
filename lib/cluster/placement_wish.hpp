#pragma once

#include "lib/labels/labels.hpp"
#include "lib/placement/placement.hpp"

#include <cstdint>
#include <string>

namespace rollcall::cluster {

/// Where a target wants to be. Targets with the same number other than 0 want to be together.
struct placement_wish {
  uint64_t together = 0;
  placement::affinity where{};

  bool operator==(const placement_wish&) const = default;
};

/// What targets want, by labels that they have after relabeling; an empty name stands for no label.
struct placement_rules {
  std::string together_label;  ///< Targets with the same value are with one worker.
  std::string zone_label;      ///< Names the zone of the workers that a target wants to be with.
  placement::affinity::strength zone_strength = placement::affinity::strength::preferred;
};

/// A target without a label, or with an empty one, has no wish.
placement_wish wish_of(const placement_rules& rules, const labels& target);

}  // namespace rollcall::cluster
