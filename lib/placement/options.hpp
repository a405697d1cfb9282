#pragma once

#include <cstddef>
#include <cstdint>

namespace rollcall::placement {

struct placement_options {
  double tolerance = 0.08;      ///< How far a load may be from the mean before targets move for it, ...
  double settled = 0.03;        ///< ... and how near it has to come before that ends.
  double newest_weight = 0.25;  ///< Of the latest measurement in a target's average cost.
  /// Moves a minute for balance and for preferred affinities: so many, ...
  uint32_t rebalancing_per_minute = 600;
  /// ... or this share of all targets, whichever is more. A second worker takes half of everything in two minutes.
  double rebalancing_share_per_minute = 0.25;
  size_t placements_max = 100'000;  ///< How many targets without an owner get one at a time: 0.1 s of work.
};

}  // namespace rollcall::placement
