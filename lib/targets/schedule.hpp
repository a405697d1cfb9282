#pragma once

#include "lib/base/duration.hpp"
#include "lib/labels/labels.hpp"

#include <cstdint>
#include <string_view>

namespace rollcall {

/// What sets one instance's scrape times apart from those of its replicas: FNV-1a of host name and external labels.
uint64_t offset_seed(std::string_view hostname, const labels& external_labels);

/// The grid on which phases lie: about a hundredth of the interval, so that many timers fall together. Waking up costs
/// more than what is to be done then; with a grid of 100 ms instead of 5 ms a scrape costs half. 1 ms below 100 ms.
milliseconds phase_step(milliseconds interval);

/// Where in its interval a target is scraped: 0 <= phase < interval, the same for ever while identity, seed and
/// interval are. The interval is positive.
milliseconds phase(uint64_t identity, uint64_t offset_seed, milliseconds interval);

/// The smallest time after `now` that is a multiple of the interval plus the phase. Times count from the epoch.
milliseconds next_due(milliseconds now, milliseconds interval, milliseconds phase);

enum class timestamp_adjustment : unsigned char { off, on };

/// The timestamp of a scrape's samples: the scheduled time if the scrape began within the tolerance of it, and within
/// one percent of the interval; otherwise, or when adjusting is off, the actual time.
milliseconds sample_timestamp(milliseconds scheduled, milliseconds actual, milliseconds interval,
                              milliseconds tolerance, timestamp_adjustment adjustment);

}  // namespace rollcall
