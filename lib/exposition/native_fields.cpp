#include "lib/exposition/native_fields.hpp"

#include "lib/exposition/wire_fields.hpp"
#include "lib/histograms/bucket_list.hpp"
#include "lib/histograms/compaction.hpp"

#include <bit>

namespace rollcall::exposition {

namespace {

using wire::bytes;
using wire::fixed64;
using wire::varint;

// The highest field number of BucketSpan.
constexpr uint32_t span_last = 2;

template <class Value>
bool append(std::vector<Value>& values, Value value) {
  if (values.size() == native_fields::elements_max) return false;
  values.push_back(value);
  return true;
}

bool append_span(std::vector<histograms::bucket_span>& spans, std::string_view message) {
  if (spans.size() == native_fields::elements_max) return false;
  auto& span = spans.emplace_back();
  wire_fields fields(message);
  while (fields.next()) {
    switch (fields.tag()) {
      case varint(1):
        span.offset = static_cast<int32_t>(fields.signed_value());
        break;
      case varint(2):
        span.length = static_cast<uint32_t>(fields.value());
        break;
      default:
        if (fields.number() <= span_last) return false;
    }
  }
  return !fields.failed();
}

bool append_packed_deltas(std::vector<int64_t>& deltas, std::string_view message) {
  wire_fields values(message);
  while (values.next_packed_varint()) {
    if (!append(deltas, values.signed_value())) return false;
  }
  return !values.failed();
}

bool append_packed_counts(std::vector<double>& counts, std::string_view message) {
  wire_fields values(message);
  while (values.next_packed_fixed64()) {
    if (!append(counts, std::bit_cast<double>(values.value()))) return false;
  }
  return !values.failed();
}

// Of an integer or a float histogram, leaving the values of the other kind out.
histograms::buckets side_of(const histograms::buckets& both, bool is_float) {
  if (is_float) return {both.spans, {}, both.counts};
  return {both.spans, both.deltas, {}};
}

}  // namespace

// A repeated number may come packed or field by field.
bool native_fields::read(uint32_t tag, uint64_t value, std::string_view bytes_value) {
  any_ = true;
  auto zigzag = [value] { return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1); };
  switch (tag) {
    case varint(5):
      parts_.schema = static_cast<int32_t>(zigzag());
      return true;
    case fixed64(6):
      parts_.zero_threshold = std::bit_cast<double>(value);
      return true;
    case varint(7):
      parts_.zero_count = value;
      return true;
    case fixed64(8):
      parts_.zero_count_float = std::bit_cast<double>(value);
      return true;
    case bytes(9):
      return append_span(parts_.negative.spans, bytes_value);
    case varint(10):
      return append(parts_.negative.deltas, zigzag());
    case bytes(10):
      return append_packed_deltas(parts_.negative.deltas, bytes_value);
    case fixed64(11):
      return append(parts_.negative.counts, std::bit_cast<double>(value));
    case bytes(11):
      return append_packed_counts(parts_.negative.counts, bytes_value);
    case bytes(12):
      return append_span(parts_.positive.spans, bytes_value);
    case varint(13):
      return append(parts_.positive.deltas, zigzag());
    case bytes(13):
      return append_packed_deltas(parts_.positive.deltas, bytes_value);
    case fixed64(14):
      return append(parts_.positive.counts, std::bit_cast<double>(value));
    case bytes(14):
      return append_packed_counts(parts_.positive.counts, bytes_value);
    default:
      return false;
  }
}

void native_fields::clear() {
  if (!any_) return;
  any_ = false;
  parts_.schema = 0;
  parts_.zero_threshold = 0;
  parts_.zero_count = 0;
  parts_.zero_count_float = 0;
  for (auto* side : {&parts_.positive, &parts_.negative}) {
    side->spans.clear();
    side->deltas.clear();
    side->counts.clear();
  }
}

bool native_fields::is_native() const {
  return any_ && (!parts_.positive.spans.empty() || !parts_.negative.spans.empty() || parts_.zero_threshold > 0 ||
                  parts_.zero_count > 0);
}

bool native_fields::has_all_buckets(const histogram_totals& totals) const {
  auto has_all = [is_float = is_float(totals)](const histograms::buckets& side) {
    return histograms::buckets_in(side.spans) == (is_float ? side.counts.size() : side.deltas.size());
  };
  return has_all(parts_.positive) && has_all(parts_.negative);
}

histograms::native_histogram native_fields::histogram(const histogram_totals& totals) const {
  histograms::native_histogram histogram;
  histogram.is_float = is_float(totals);
  histogram.schema = parts_.schema;
  histogram.zero_threshold = parts_.zero_threshold;
  histogram.sum = totals.sum;
  if (histogram.is_float) {
    histogram.count_float = totals.count_float;
    histogram.zero_count_float = parts_.zero_count_float;
  } else {
    histogram.count = totals.count;
    histogram.zero_count = parts_.zero_count;
  }
  histogram.positive = side_of(parts_.positive, histogram.is_float);
  histogram.negative = side_of(parts_.negative, histogram.is_float);
  histograms::compact(histogram, 0);
  return histogram;
}

}  // namespace rollcall::exposition
