#pragma once

#include "lib/base/result.hpp"
#include "lib/histograms/native_histogram.hpp"

#include <cstddef>
#include <cstdint>

namespace rollcall::histograms {

/// Merges the buckets of an exponential histogram into those of a coarser schema, which must be below its own and at
/// least reserved_schema_min. errc::invalid_argument, with the histogram as it was, when spans and buckets do not
/// match.
result<void> reduce_resolution(native_histogram& histogram, int32_t schema);

/// Reduces the resolution schema by schema until there are at most `buckets_max` explicit buckets.
/// errc::limit_exceeded when schema -4 still has more, or when there are too many custom ones: Prometheus's
/// native_histogram_bucket_limit.
result<void> limit_buckets(native_histogram& histogram, size_t buckets_max);

/// Reduces the resolution of an exponential histogram to `schema` if it is finer: Prometheus's
/// native_histogram_min_bucket_factor. Errors are those of reduce_resolution().
result<void> limit_schema(native_histogram& histogram, int32_t schema);

/// The finest schema in which a bucket is at least `factor` wider than the one before: floor(-log2(log2 factor)) within
/// -4 and 8; 8 for a factor of up to 1. As pickSchema in scrape/scrape.go of prometheus/prometheus.
int32_t max_schema_of(double min_bucket_factor);

/// Schemas that may be exponential in a later Prometheus; their resolution is reduced before anything else is done.
inline constexpr int32_t reserved_schema_min = -9;
inline constexpr int32_t reserved_schema_max = 52;

}  // namespace rollcall::histograms
