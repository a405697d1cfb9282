#include "lib/series/stale_difference.hpp"

#include <set>

namespace rollcall::series {

std::optional<batch_part> stale_difference(const block_sequence_ptr& before, const target_labels& target_before,
                                           const block_sequence_ptr& after, const target_labels& target_after) {
  if (!before) return std::nullopt;
  std::set<labels> alive;
  if (after) {
    for (const auto& block : *after)
      for (size_t i = 0; i < block->size(); ++i)
        if (block->kind(i) == record_kind::live) alive.insert(block->labels_of(i, target_after));
  }
  batch_part part;
  part.series = before;
  bool any = false;
  for (const auto& block : *before) {
    for (size_t i = 0; i < block->size(); ++i) {
      bool gone = block->kind(i) == record_kind::live && !alive.contains(block->labels_of(i, target_before));
      part.values.push_back(gone ? stale_marker : absent);
      any = any || gone;
    }
  }
  if (!any) return std::nullopt;
  return part;
}

}  // namespace rollcall::series
