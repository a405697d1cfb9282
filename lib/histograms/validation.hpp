#pragma once

#include "lib/base/result.hpp"
#include "lib/histograms/native_histogram.hpp"

namespace rollcall::histograms {

/// The exponential schemas: each power of two is divided into 2^schema buckets.
inline constexpr int32_t exponential_schema_min = -4;
inline constexpr int32_t exponential_schema_max = 8;

constexpr bool is_exponential(int32_t schema) {
  return schema >= exponential_schema_min && schema <= exponential_schema_max;
}

/// Whether Prometheus would store the histogram: the rules of Histogram.Validate and FloatHistogram.Validate
/// (model/histogram in prometheus/prometheus). errc::invalid_argument says what is wrong.
result<void> validate(const native_histogram& histogram);

}  // namespace rollcall::histograms
