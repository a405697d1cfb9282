#include "lib/exposition/histogram_text.hpp"

#include "lib/exposition/number.hpp"
#include "lib/histograms/bucket_list.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rollcall::histograms {

namespace {

using exposition::append_number;

constexpr double infinity = std::numeric_limits<double>::infinity();

// The upper bound of a bucket of the positive side.
double bound_of(int64_t index, const native_histogram& histogram) {
  if (histogram.schema == custom_buckets_schema) {
    if (index < 0) return -infinity;
    auto at = static_cast<uint64_t>(index);
    return at < histogram.custom_values.size() ? histogram.custom_values[at] : infinity;
  }
  double bound = std::exp2(std::ldexp(static_cast<double>(index), -histogram.schema));
  // The last bucket before that of infinite observations ends at the largest number there is.
  if (std::isinf(bound) && std::isfinite(std::exp2(std::ldexp(static_cast<double>(index - 1), -histogram.schema)))) {
    return std::numeric_limits<double>::max();
  }
  return bound;
}

template <class Count>
void append_count(std::string& out, Count count) {
  if constexpr (std::is_same_v<Count, double>) {
    append_number(out, count);
  } else {
    out += std::to_string(count);
  }
}

struct interval {
  double lower = 0;
  double upper = 0;
  bool has_lower = false;
  bool has_upper = false;
};

template <class Count>
void append_bucket(std::string& out, const interval& bounds, Count count) {
  out += bounds.has_lower ? ", [" : ", (";
  append_number(out, bounds.lower);
  out += ',';
  append_number(out, bounds.upper);
  out += bounds.has_upper ? "]:" : "):";
  append_count(out, count);
}

template <class Count, class ZeroCount>
void append_buckets(std::string& out, const native_histogram& histogram, ZeroCount zero_count) {
  auto negative = unfold<Count>(histogram.negative);
  if (negative) {
    std::reverse(negative->begin(), negative->end());
    for (const auto& [index, count] : *negative) {
      if (count == Count{}) continue;
      append_bucket(out, {-bound_of(index, histogram), -bound_of(index - 1, histogram), true, false}, count);
    }
  }
  if (zero_count != ZeroCount{}) {
    append_bucket(out, {-histogram.zero_threshold, histogram.zero_threshold, true, true}, zero_count);
  }
  auto positive = unfold<Count>(histogram.positive);
  if (!positive) return;
  for (const auto& [index, count] : *positive) {
    if (count == Count{}) continue;
    bool has_lower = histogram.schema == custom_buckets_schema && index == 0;
    append_bucket(out, {bound_of(index - 1, histogram), bound_of(index, histogram), has_lower, true}, count);
  }
}

}  // namespace

std::string to_string(const native_histogram& histogram) {
  std::string out = "{count:";
  if (histogram.is_float) {
    append_number(out, histogram.count_float);
  } else {
    out += std::to_string(histogram.count);
  }
  out += ", sum:";
  append_number(out, histogram.sum);
  if (histogram.is_float) {
    append_buckets<double>(out, histogram, histogram.zero_count_float);
  } else {
    append_buckets<int64_t>(out, histogram, histogram.zero_count);
  }
  return out + '}';
}

}  // namespace rollcall::histograms
