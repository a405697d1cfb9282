#pragma once

#include "lib/series/scrape_cache.hpp"

#include <optional>

namespace rollcall::series {

/// Which series of the cache that takes over are alive, and so need no marker.
enum class survivors : unsigned char {
  known,   ///< All of its series: after a good scrape.
  tracked  ///< Those that it would mark itself: after a scrape that failed, or without any.
};

/// Staleness markers for the series that `before` would mark if they vanished and that are not among the survivors of
/// `after`, compared by their labels; for a target whose series are made by new rules, or go on under another owner.
/// Nothing when there is nothing to mark. The part belongs in a batch of the target of `before`.
std::optional<batch_part> stale_difference(const scrape_cache& before, const scrape_cache& after, survivors which);

}  // namespace rollcall::series
