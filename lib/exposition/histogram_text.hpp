#pragma once

#include "lib/histograms/native_histogram.hpp"

#include <string>

namespace rollcall::histograms {

/// The histogram as Prometheus writes it: `{count:5, sum:18.4, [-2,-1):1, [-0.001,0.001]:1, (1,2]:3}`, without empty
/// buckets. Nothing of a side on which spans and buckets do not match.
std::string to_string(const native_histogram& histogram);

}  // namespace rollcall::histograms
