#include "lib/histograms/compaction.hpp"

#include "lib/histograms/bucket_list.hpp"

namespace rollcall::histograms {

namespace {

template <class Count>
void compact_side(buckets& side, int64_t gap_max) {
  if (side.spans.empty()) return;
  auto list = unfold<Count>(side);
  if (!list) return;
  std::erase_if(*list, [](const auto& bucket) { return bucket.count == Count{}; });
  if (auto folded = fold(*list, gap_max)) side = std::move(*folded);
}

}  // namespace

void compact(native_histogram& histogram, int64_t gap_max) {
  for (buckets* side : {&histogram.positive, &histogram.negative}) {
    if (histogram.is_float) {
      compact_side<double>(*side, gap_max);
    } else {
      compact_side<int64_t>(*side, gap_max);
    }
  }
}

}  // namespace rollcall::histograms
