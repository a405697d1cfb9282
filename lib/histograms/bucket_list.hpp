#pragma once

#include "lib/base/result.hpp"
#include "lib/histograms/native_histogram.hpp"

#include <cstdint>
#include <type_traits>
#include <vector>

namespace rollcall::histograms {

/// A bucket by its index in the schema, with its own count.
template <class Count>
struct indexed_bucket {
  int64_t index = 0;
  Count count{};

  bool operator==(const indexed_bucket&) const = default;
};

/// One side of a histogram spelled out, in order of the index. Count is int64_t for integer histograms and double for
/// float histograms.
template <class Count>
using bucket_list = std::vector<indexed_bucket<Count>>;

/// The values that a side has for its buckets: deltas or counts.
template <class Count, class Side>
auto& values_of(Side& side) {
  if constexpr (std::is_same_v<Count, double>) {
    return side.counts;
  } else {
    return side.deltas;
  }
}

/// How many buckets the spans ask for.
uint64_t buckets_in(const std::vector<bucket_span>& spans);

/// Spells out the buckets of a side, empty ones included. Integer counts wrap around. errc::invalid_argument when spans
/// overlap or ask for another number of buckets than there is.
template <class Count>
result<bucket_list<Count>> unfold(const buckets& side);

/// Writes buckets as spans and values. A gap of up to `gap_max` buckets is filled with empty ones, so that there are
/// fewer spans. errc::limit_exceeded when an offset does not fit into its 32 bits.
template <class Count>
result<buckets> fold(const bucket_list<Count>& list, int64_t gap_max);

}  // namespace rollcall::histograms
