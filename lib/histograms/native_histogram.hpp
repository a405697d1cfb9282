#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace rollcall::histograms {

/// Schema of histograms whose buckets have the bounds in custom_values: what a classic histogram is converted to
/// (NHCB).
inline constexpr int32_t custom_buckets_schema = -53;

/// A run of consecutive buckets.
struct bucket_span {
  int32_t offset = 0;  ///< Buckets between the end of the span before and this one; of the first span, its index.
  uint32_t length = 0;

  bool operator==(const bucket_span&) const = default;
};

/// What is known of counter resets before a histogram, with the numbers of prometheus.Histogram.ResetHint.
enum class reset_hint : uint8_t { unknown, yes, no, gauge };

/// One side of a histogram. Integer histograms have deltas, each against the bucket before; float histograms have
/// counts.
struct buckets {
  std::vector<bucket_span> spans;
  std::vector<int64_t> deltas;
  std::vector<double> counts;

  bool operator==(const buckets&) const = default;
};

/// A native histogram as Prometheus has it (model/histogram in prometheus/prometheus): exponential buckets of a schema,
/// or custom ones.
struct native_histogram {
  bool is_float = false;
  reset_hint hint = reset_hint::unknown;
  int32_t schema = 0;
  double zero_threshold = 0;
  double sum = 0;
  // Integer histograms have the counts on the left, float histograms those on the right; the others are 0.
  uint64_t count = 0;
  uint64_t zero_count = 0;
  double count_float = 0;
  double zero_count_float = 0;
  buckets positive;
  buckets negative;
  std::vector<double> custom_values;  ///< Upper bounds in order, without +Inf; of the custom schema only.

  bool operator==(const native_histogram&) const = default;
};

using histogram_ptr = std::shared_ptr<const native_histogram>;

}  // namespace rollcall::histograms
