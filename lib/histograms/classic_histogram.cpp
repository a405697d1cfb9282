#include "lib/histograms/classic_histogram.hpp"

#include "lib/histograms/compaction.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rollcall::histograms {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
// 2^63: from here on a count fits into no int64_t.
constexpr double integer_end = 9223372036854775808.0;
// Up to so many empty buckets cost less in an integer histogram than another span.
constexpr int64_t integer_gap_max = 2;

bool is_integer(double count) { return count < integer_end && std::trunc(count) == count; }

}  // namespace

void classic_histogram::clear() {
  buckets_.clear();
  count_.reset();
  sum_ = 0;
  failure_.reset();
}

void classic_histogram::refuse(std::string why) {
  if (!failure_) failure_ = error{errc::invalid_argument, std::move(why)};
}

void classic_histogram::set_count(double count) {
  if (count < 0) refuse("the count " + std::to_string(count) + " is negative");
  count_ = count;
}

void classic_histogram::set_bucket(double upper_bound, double count) {
  if (std::isnan(upper_bound)) return refuse("a bucket's bound is not a number");
  if (count < 0) return refuse("the bucket up to " + std::to_string(upper_bound) + " has a negative count");
  auto at = buckets_.end();
  if (!buckets_.empty() && !(buckets_.back().upper_bound < upper_bound)) {
    at = std::lower_bound(buckets_.begin(), buckets_.end(), upper_bound,
                          [](const bucket& one, double bound) { return one.upper_bound < bound; });
    if (at->upper_bound == upper_bound) return;
  }
  bool grows = (at == buckets_.begin() || !(count < (at - 1)->count)) && (at == buckets_.end() || !(count > at->count));
  if (!grows) return refuse("the counts of the buckets around " + std::to_string(upper_bound) + " are not cumulative");
  buckets_.insert(at, {upper_bound, count});
}

// The buckets with one for +Inf at the end.
result<std::vector<classic_histogram::bucket>> classic_histogram::completed(double count) const {
  std::vector<bucket> all = buckets_;
  if (all.empty() || all.back().upper_bound != infinity) all.push_back({infinity, count});
  if (all.back().count != count) {
    return fail(errc::invalid_argument, "the count " + std::to_string(count) + " is not that of the last bucket, " +
                                            std::to_string(all.back().count));
  }
  return all;
}

result<native_histogram> classic_histogram::convert() const {
  if (failure_) return tl::unexpected(*failure_);
  if (!count_ && buckets_.empty()) return fail(errc::invalid_argument, "there is neither a count nor a bucket");
  double count = count_ ? *count_ : buckets_.back().count;
  auto all = completed(count);
  if (!all) return tl::unexpected(std::move(all.error()));

  native_histogram histogram;
  histogram.is_float = !std::all_of(all->begin(), all->end(), [](const bucket& one) { return is_integer(one.count); });
  histogram.schema = custom_buckets_schema;
  histogram.sum = sum_;
  histogram.positive.spans = {{0, static_cast<uint32_t>(all->size())}};
  if (histogram.is_float) {
    histogram.count_float = count;
  } else {
    histogram.count = static_cast<uint64_t>(count);
  }
  double below = 0;
  int64_t previous = 0;
  for (const auto& [upper_bound, cumulative] : *all) {
    if (upper_bound != infinity) histogram.custom_values.push_back(upper_bound);
    if (histogram.is_float) {
      histogram.positive.counts.push_back(cumulative - below);
    } else {
      auto own = static_cast<int64_t>(cumulative) - static_cast<int64_t>(below);
      histogram.positive.deltas.push_back(own - previous);
      previous = own;
    }
    below = cumulative;
  }
  compact(histogram, histogram.is_float ? 0 : integer_gap_max);
  return histogram;
}

}  // namespace rollcall::histograms
