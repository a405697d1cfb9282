#include "bench/placement/sizes.hpp"

#include <algorithm>
#include <chrono>
#include <random>

namespace rollcall::bench {

namespace {

constexpr milliseconds interval = std::chrono::seconds(15);
constexpr uint64_t bytes_per_series = 130;

}  // namespace

std::vector<sized_target> make_targets(const target_sizes& sizes) {
  std::vector<sized_target> all;
  all.reserve(sizes.targets);
  for (uint64_t rank = 1; rank <= sizes.targets; ++rank) {
    uint64_t series = std::max(sizes.series_min, sizes.series_max / rank);
    placement::scrape_measurement scrape{series, series * bytes_per_series, std::chrono::milliseconds(10)};
    all.push_back({0, placement::cost_of(scrape, interval, {})});
  }
  std::mt19937_64 random(sizes.seed);
  std::shuffle(all.begin(), all.end(), random);
  for (uint64_t i = 0; i < all.size(); ++i) all[i].identity = scrambled(i ^ (sizes.seed << 40));
  return all;
}

}  // namespace rollcall::bench
