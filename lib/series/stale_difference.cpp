#include "lib/series/stale_difference.hpp"

#include "lib/series/stale_series.hpp"

#include <set>

namespace rollcall::series {

namespace {

// Calls with block, index and position of every live series of a cache.
template <class Visitor>
void visit_live(const scrape_cache& cache, Visitor visit) {
  if (!cache.series()) return;
  position at = 0;
  for (const auto& block : *cache.series())
    for (size_t i = 0; i < block->size(); ++i, ++at)
      if (block->kind(i) == record_kind::live) visit(*block, i, at);
}

}  // namespace

std::optional<batch_part> stale_difference(const scrape_cache& before, const scrape_cache& after, survivors which) {
  std::set<labels> settled;
  visit_live(after, [&](const series_block& block, size_t i, position at) {
    if (which == survivors::known || after.is_tracked(at)) settled.insert(block.labels_of(i, *after.target()));
  });
  // Two texts can stand for one series, which is marked once.
  std::vector<position> gone;
  visit_live(before, [&](const series_block& block, size_t i, position at) {
    if (before.is_tracked(at) && settled.insert(block.labels_of(i, *before.target())).second) gone.push_back(at);
  });
  if (gone.empty()) return std::nullopt;
  return stale_part(*before.series(), gone);
}

}  // namespace rollcall::series
