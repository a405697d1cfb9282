#pragma once

#include "lib/histograms/native_histogram.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rollcall::exposition {

/// What classic and native histograms have in common.
struct histogram_totals {
  uint64_t count = 0;
  double count_float = 0;  ///< Stands in for the count unless it is 0.
  double sum = 0;

  /// The count of all observations, of whichever kind it is.
  double all() const { return count_float != 0 ? count_float : static_cast<double>(count); }
};

/// The fields of an io.prometheus.client.Histogram message that only native histograms have, as they come. Memory
/// stays for the next one.
class native_fields {
 public:
  /// How many spans and how many buckets one side may have.
  static constexpr size_t elements_max = size_t{1} << 18;

  void clear();
  /// Takes in one field: its tag, and the value or the bytes as wire_fields gives them. False if it is none of these,
  /// malformed, or one too many.
  bool read(uint32_t tag, uint64_t value, std::string_view bytes);

  /// Whether there is what makes a histogram a native one: spans, a zero threshold or a zero count.
  bool is_native() const;
  /// Whether there are as many buckets as the spans need.
  bool has_all_buckets(const histogram_totals& totals) const;
  /// The histogram, compacted.
  histograms::native_histogram histogram(const histogram_totals& totals) const;

 private:
  bool is_float(const histogram_totals& totals) const { return totals.count_float > 0 || parts_.zero_count_float > 0; }

  bool any_ = false;
  histograms::native_histogram parts_;  // both deltas and counts
};

}  // namespace rollcall::exposition
