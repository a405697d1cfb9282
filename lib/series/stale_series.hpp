#pragma once

#include "lib/series/known_series.hpp"
#include "lib/series/scrape_batch.hpp"

#include <vector>

namespace rollcall::series {

/// Two texts can stand for one series. Leaves out of `candidates` (positions in `from`) every series whose labels are
/// also those of a tracked series of `now` or of a candidate before it.
std::vector<position> distinct_series(std::vector<position> candidates, const block_sequence& from,
                                      const known_series& now, const target_labels& target);

/// A part with a staleness marker for each of these live records, in order of position.
batch_part stale_part(const block_sequence& from, const std::vector<position>& vanished);

/// Staleness markers for everything tracked, as a list of at most one part.
std::vector<batch_part> stale_everything(const known_series& known, const target_labels& target);

}  // namespace rollcall::series
