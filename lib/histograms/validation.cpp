#include "lib/histograms/validation.hpp"

#include "lib/histograms/bucket_list.hpp"

#include <cmath>
#include <limits>
#include <string>

namespace rollcall::histograms {

namespace {

tl::unexpected<error> refused(std::string what) { return fail(errc::invalid_argument, std::move(what)); }

// Checks the counts of one side and adds them up.
template <class Count, class Sum>
result<void> check_side(const buckets& side, const char* name, Sum& sum) {
  auto list = unfold<Count>(side);
  if (!list) return fail(std::string(name) + " side", std::move(list.error()));
  for (size_t i = 0; i < list->size(); ++i) {
    Count count = (*list)[i].count;
    if (count < 0) {
      return refused(std::string(name) + " side: bucket number " + std::to_string(i + 1) +
                     " has the negative observation count " + std::to_string(count));
    }
    sum += static_cast<Sum>(count);
  }
  return {};
}

result<void> check_bounds(const native_histogram& histogram) {
  const auto& bounds = histogram.custom_values;
  for (size_t i = 0; i < bounds.size(); ++i) {
    if (std::isnan(bounds[i])) return refused("custom buckets: a bound is not a number");
    if (i > 0 && bounds[i] <= bounds[i - 1]) return refused("custom buckets: the bounds do not increase strictly");
  }
  if (!bounds.empty() && bounds.back() == std::numeric_limits<double>::infinity()) {
    return refused("custom buckets: the last bound, +Inf, must not be given");
  }
  int64_t needed = 0;
  for (const auto& span : histogram.positive.spans) {
    if (span.offset < 0)
      return refused("custom buckets: a span has the negative offset " + std::to_string(span.offset));
    needed += int64_t{span.offset} + span.length;
  }
  if (static_cast<uint64_t>(needed) > bounds.size() + 1) {
    return refused("custom buckets: " + std::to_string(bounds.size()) +
                   " bounds are too few for buckets up to number " + std::to_string(needed));
  }
  return {};
}

result<void> check_custom(const native_histogram& histogram) {
  if (auto checked = check_bounds(histogram); !checked) return checked;
  if (histogram.zero_count != 0 || histogram.zero_count_float != 0) {
    return refused("custom buckets: the zero bucket must be empty");
  }
  if (histogram.zero_threshold != 0) return refused("custom buckets: the zero threshold must be 0");
  if (histogram.negative != buckets{}) return refused("custom buckets: there must be no negative buckets");
  return {};
}

result<void> check_counts(const native_histogram& histogram) {
  uint64_t sum = histogram.zero_count;
  if (auto checked = check_side<int64_t>(histogram.negative, "negative", sum); !checked) return checked;
  if (auto checked = check_side<int64_t>(histogram.positive, "positive", sum); !checked) return checked;
  // Observations of NaN make the sum NaN and are in no bucket.
  bool fits = std::isnan(histogram.sum) ? sum <= histogram.count : sum == histogram.count;
  if (!fits) {
    return refused(std::to_string(sum) + " observations are in the buckets, but the count is " +
                   std::to_string(histogram.count));
  }
  return {};
}

// The sum of the buckets is not compared with the count: rounding would make false alarms.
result<void> check_float_counts(const native_histogram& histogram) {
  double sum = 0;
  if (auto checked = check_side<double>(histogram.negative, "negative", sum); !checked) return checked;
  if (histogram.zero_count_float < 0) {
    return refused("the zero bucket has the negative observation count " + std::to_string(histogram.zero_count_float));
  }
  if (histogram.count_float < 0) {
    return refused("the observation count " + std::to_string(histogram.count_float) + " is negative");
  }
  return check_side<double>(histogram.positive, "positive", sum);
}

}  // namespace

result<void> validate(const native_histogram& histogram) {
  if (histogram.schema == custom_buckets_schema) {
    if (auto checked = check_custom(histogram); !checked) return checked;
  } else if (!is_exponential(histogram.schema)) {
    return refused("schema " + std::to_string(histogram.schema) + " is not between " +
                   std::to_string(exponential_schema_min) + " and " + std::to_string(exponential_schema_max) +
                   " and not " + std::to_string(custom_buckets_schema));
  } else if (!histogram.custom_values.empty()) {
    return refused("a histogram with an exponential schema must not have custom bounds");
  }
  return histogram.is_float ? check_float_counts(histogram) : check_counts(histogram);
}

}  // namespace rollcall::histograms
