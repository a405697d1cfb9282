#pragma once

#include "lib/base/result.hpp"
#include "lib/histograms/native_histogram.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rollcall::histograms {

/// A classic histogram under collection, to be converted to a native one with custom buckets. Its memory stays for the
/// next one.
class classic_histogram {
 public:
  void clear();

  void set_count(double count);
  void set_sum(double sum) { sum_ = sum; }
  /// The cumulative count of the bucket up to `upper_bound`. Of buckets with the same bound the first counts.
  void set_bucket(double upper_bound, double count);

  /// The histogram as Prometheus's convertnhcb makes it: of integers if all counts are, a bucket for +Inf added,
  /// without a count that of the last bucket taken for it. errc::invalid_argument when a count is negative, a bound is
  /// not a number, counts do not grow with the bounds, the count is not that of the +Inf bucket, or there is nothing.
  result<native_histogram> convert() const;

 private:
  struct bucket {
    double upper_bound = 0;
    double count = 0;
  };

  void refuse(std::string why);
  result<std::vector<bucket>> completed(double count) const;

  std::vector<bucket> buckets_;  // in order of the bound
  std::optional<double> count_;
  double sum_ = 0;
  std::optional<error> failure_;
};

}  // namespace rollcall::histograms
