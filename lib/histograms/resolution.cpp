#include "lib/histograms/resolution.hpp"

#include "lib/base/assert.hpp"
#include "lib/histograms/bucket_list.hpp"
#include "lib/histograms/validation.hpp"

#include <cmath>
#include <string>

namespace rollcall::histograms {

namespace {

template <class Count>
Count sum_of(Count a, Count b) {
  if constexpr (std::is_same_v<Count, double>) {
    return a + b;
  } else {
    return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
  }
}

// A step of one schema joins the buckets 2i-1 and 2i to i.
template <class Count>
result<buckets> coarser(const buckets& side, int32_t steps) {
  auto list = unfold<Count>(side);
  if (!list) return tl::unexpected(std::move(list.error()));
  bucket_list<Count> merged;
  for (const auto& bucket : *list) {
    int64_t index = ((bucket.index - 1) >> steps) + 1;
    if (!merged.empty() && merged.back().index == index) {
      merged.back().count = sum_of(merged.back().count, bucket.count);
    } else {
      merged.push_back({index, bucket.count});
    }
  }
  return fold(merged, 0);
}

size_t bucket_count(const native_histogram& histogram) {
  return histogram.is_float ? histogram.positive.counts.size() + histogram.negative.counts.size()
                            : histogram.positive.deltas.size() + histogram.negative.deltas.size();
}

}  // namespace

result<void> reduce_resolution(native_histogram& histogram, int32_t schema) {
  ROLLCALL_ASSERT(schema >= reserved_schema_min && schema < histogram.schema);
  ROLLCALL_ASSERT(histogram.schema <= reserved_schema_max);
  auto reduced = [&](const buckets& side) {
    int32_t steps = histogram.schema - schema;
    return histogram.is_float ? coarser<double>(side, steps) : coarser<int64_t>(side, steps);
  };
  auto positive = reduced(histogram.positive);
  if (!positive) return fail("positive side", std::move(positive.error()));
  auto negative = reduced(histogram.negative);
  if (!negative) return fail("negative side", std::move(negative.error()));
  histogram.positive = std::move(*positive);
  histogram.negative = std::move(*negative);
  histogram.schema = schema;
  return {};
}

result<void> limit_buckets(native_histogram& histogram, size_t buckets_max) {
  while (bucket_count(histogram) > buckets_max) {
    if (!is_exponential(histogram.schema) || histogram.schema == exponential_schema_min) {
      return fail(errc::limit_exceeded, "histogram bucket limit exceeded: " + std::to_string(bucket_count(histogram)) +
                                            " buckets in schema " + std::to_string(histogram.schema) + ", limit " +
                                            std::to_string(buckets_max));
    }
    if (auto reduced = reduce_resolution(histogram, histogram.schema - 1); !reduced) return reduced;
  }
  return {};
}

result<void> limit_schema(native_histogram& histogram, int32_t schema) {
  bool is_finer = histogram.schema > schema && histogram.schema <= reserved_schema_max;
  return is_finer ? reduce_resolution(histogram, schema) : result<void>{};
}

int32_t max_schema_of(double min_bucket_factor) {
  if (!(min_bucket_factor > 1)) return exponential_schema_max;
  double schema = std::floor(-std::log2(std::log2(min_bucket_factor)));
  if (schema >= exponential_schema_max) return exponential_schema_max;
  if (schema <= exponential_schema_min) return exponential_schema_min;
  return static_cast<int32_t>(schema);
}

}  // namespace rollcall::histograms
