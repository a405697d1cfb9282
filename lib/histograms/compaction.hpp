#pragma once

#include "lib/histograms/native_histogram.hpp"

#include <cstdint>

namespace rollcall::histograms {

/// Removes empty buckets and joins adjacent spans. Gaps of up to `gap_max` buckets between others stay, as empty
/// buckets, or become that. What validate() refuses about spans is left as it is.
void compact(native_histogram& histogram, int64_t gap_max);

}  // namespace rollcall::histograms
