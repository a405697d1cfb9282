#include "lib/histograms/bucket_list.hpp"

#include <limits>
#include <string>

namespace rollcall::histograms {

namespace {

// Counts come from outside, so their sums may exceed 64 bits; wrapping is defined for unsigned numbers only.
int64_t plus(int64_t a, int64_t b) { return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b)); }
int64_t minus(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}

}  // namespace

uint64_t buckets_in(const std::vector<bucket_span>& spans) {
  uint64_t sum = 0;
  for (const auto& span : spans) sum += span.length;
  return sum;
}

template <class Count>
result<bucket_list<Count>> unfold(const buckets& side) {
  const auto& values = values_of<Count>(side);
  if (uint64_t needed = buckets_in(side.spans); needed != values.size()) {
    return fail(errc::invalid_argument, "spans need " + std::to_string(needed) + " buckets, have " +
                                            std::to_string(values.size()) + " buckets");
  }
  bucket_list<Count> list;
  list.reserve(values.size());
  int64_t index = 0;
  Count previous{};
  for (size_t n = 0; n < side.spans.size(); ++n) {
    const auto& span = side.spans[n];
    if (n > 0 && span.offset < 0) {
      return fail(errc::invalid_argument,
                  "span number " + std::to_string(n + 1) + " has the negative offset " + std::to_string(span.offset));
    }
    index += span.offset;
    for (uint32_t i = 0; i < span.length; ++i, ++index) {
      Count count = values[list.size()];
      if constexpr (std::is_same_v<Count, int64_t>) count = plus(previous, count);
      list.push_back({index, count});
      previous = count;
    }
  }
  return list;
}

template <class Count>
result<buckets> fold(const bucket_list<Count>& list, int64_t gap_max) {
  buckets side;
  auto& values = values_of<Count>(side);
  values.reserve(list.size());
  Count previous{};
  auto append = [&](Count count) {
    if constexpr (std::is_same_v<Count, int64_t>) {
      values.push_back(minus(count, previous));
      previous = count;
    } else {
      values.push_back(count);
    }
    ++side.spans.back().length;
  };
  int64_t next_index = 0;
  for (const auto& [index, count] : list) {
    int64_t gap = index - next_index;
    if (side.spans.empty() || gap > gap_max) {
      if (gap < std::numeric_limits<int32_t>::min() || gap > std::numeric_limits<int32_t>::max()) {
        return fail(errc::limit_exceeded, "a bucket has the index " + std::to_string(index));
      }
      side.spans.push_back({static_cast<int32_t>(gap), 0});
    } else {
      for (; gap > 0; --gap) append(Count{});
    }
    append(count);
    next_index = index + 1;
  }
  return side;
}

template result<bucket_list<int64_t>> unfold(const buckets&);
template result<bucket_list<double>> unfold(const buckets&);
template result<buckets> fold(const bucket_list<int64_t>&, int64_t);
template result<buckets> fold(const bucket_list<double>&, int64_t);

}  // namespace rollcall::histograms
