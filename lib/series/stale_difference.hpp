#pragma once

#include <optional>

#include "lib/series/scrape_batch.hpp"

namespace rollcall::series {

/// Staleness markers for the live series of `before` that are not among those of `after`, compared by their labels; for
/// a target whose series are made by new rules, or go on under another owner. Null sequences count as empty. Nothing
/// when no series vanished. The part refers to `before`, so it belongs in a batch of the target of `before`.
std::optional<batch_part> stale_difference(const block_sequence_ptr& before, const target_labels& target_before,
                                           const block_sequence_ptr& after, const target_labels& target_after);

}  // namespace rollcall::series
