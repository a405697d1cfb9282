#pragma once

#include "lib/base/duration.hpp"

#include <cstddef>
#include <cstdint>

namespace rollcall::placement {

/// What a target costs its owner: nanoseconds of CPU time per second, at least 1. Whole numbers, so that sums of them
/// are the same in whatever order targets come and go.
using cost = uint32_t;

/// What one scrape of a target showed.
struct scrape_measurement {
  uint64_t samples = 0;
  uint64_t body_bytes = 0;  ///< Inflated.
  std::chrono::nanoseconds duration{0};
};

/// What the parts of a scrape cost. The defaults are what bench/ measured on the loads `typical` and `many`.
struct cost_model {
  std::chrono::nanoseconds exchange{110'000};  ///< Connection, request, timers: what an empty scrape would cost.
  double sample_nanoseconds = 400;
  double byte_nanoseconds = 0.8;
  double wait_share = 0.0001;  ///< Of the duration: an open exchange holds memory and a descriptor.
};

/// The cost of a target that is scraped like this once in every interval, which is positive.
cost cost_of(const scrape_measurement& scrape, milliseconds interval, const cost_model& model);

/// The exponentially weighted moving average: `weight` of the newest value and the rest of what was before.
cost averaged(cost before, cost newest, double weight);

}  // namespace rollcall::placement
