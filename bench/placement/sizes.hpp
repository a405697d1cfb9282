#pragma once

#include "lib/placement/cost.hpp"

#include <cstdint>
#include <vector>

namespace rollcall::bench {

/// Targets whose sizes follow Zipf's law: the k-th largest has 1/k of the largest one's series, but not fewer than
/// `series_min`.
struct target_sizes {
  size_t targets = 100'000;
  uint64_t series_max = 100'000;
  uint64_t series_min = 100;
  uint64_t seed = 1;
};

struct sized_target {
  uint64_t identity = 0;
  placement::cost expense = 0;
};

/// In an order that says nothing of their sizes; the same for the same sizes.
std::vector<sized_target> make_targets(const target_sizes& sizes);

/// A number that looks random, from one that does not.
constexpr uint64_t scrambled(uint64_t value) {
  value += 0x9e3779b97f4a7c15u;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

}  // namespace rollcall::bench
