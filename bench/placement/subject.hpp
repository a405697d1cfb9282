#pragma once

#include "bench/placement/sizes.hpp"
#include "lib/placement/placement.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rollcall::bench {

/// Bytes that are allocated.
double allocated_bytes();

/// A placement under measurement: it learns what targets cost after it has placed them, as in life.
class subject {
 public:
  /// Moves for balance are as many a minute as are needed: what is measured is how many those are.
  explicit subject(const std::vector<sized_target>& targets);

  void join_workers(uint32_t count);
  /// Adds all targets and places them.
  void place();
  /// One scrape of each.
  void observe();
  /// Plans and settles until nothing moves; what moved.
  std::vector<placement::move> converge();
  double max_to_mean() const;
  /// The share of the load that these moves move.
  double share(const std::vector<placement::move>& moves) const;

  placement::placement& placed() { return placement_; }

 private:
  const std::vector<sized_target>& targets_;
  placement::placement placement_;
  uint32_t workers_ = 0;
  milliseconds now_{0};
};

}  // namespace rollcall::bench
