#include "lib/histograms/encoding.hpp"

#include <protozero/pbf_writer.hpp>

namespace rollcall::histograms {

namespace {

// Field numbers of the Histogram message in prompb/types.proto of prometheus/prometheus.
enum class field : protozero::pbf_tag_type {
  count_int = 1,
  count_float = 2,
  sum = 3,
  schema = 4,
  zero_threshold = 5,
  zero_count_int = 6,
  zero_count_float = 7,
  negative_spans = 8,
  negative_deltas = 9,
  negative_counts = 10,
  positive_spans = 11,
  positive_deltas = 12,
  positive_counts = 13,
  reset_hint = 14,
  custom_values = 16,
};

constexpr protozero::pbf_tag_type number_of(field name) { return static_cast<protozero::pbf_tag_type>(name); }

bool is_zero(double value) { return std::bit_cast<uint64_t>(value) == 0; }

void append_side(protozero::pbf_writer& message, const buckets& side, field spans, field deltas, field counts) {
  for (const auto& span : side.spans) {
    protozero::pbf_writer part(message, number_of(spans));
    if (span.offset != 0) part.add_sint32(1, span.offset);
    if (span.length != 0) part.add_uint32(2, span.length);
  }
  message.add_packed_sint64(number_of(deltas), side.deltas.begin(), side.deltas.end());
  message.add_packed_double(number_of(counts), side.counts.begin(), side.counts.end());
}

}  // namespace

void encode_histogram(std::string& out, const native_histogram& histogram) {
  protozero::pbf_writer message(out);
  if (histogram.is_float) {
    message.add_double(number_of(field::count_float), histogram.count_float);
  } else {
    message.add_uint64(number_of(field::count_int), histogram.count);
  }
  if (!is_zero(histogram.sum)) message.add_double(number_of(field::sum), histogram.sum);
  if (histogram.schema != 0) message.add_sint32(number_of(field::schema), histogram.schema);
  if (!is_zero(histogram.zero_threshold)) {
    message.add_double(number_of(field::zero_threshold), histogram.zero_threshold);
  }
  if (histogram.is_float) {
    message.add_double(number_of(field::zero_count_float), histogram.zero_count_float);
  } else {
    message.add_uint64(number_of(field::zero_count_int), histogram.zero_count);
  }
  append_side(message, histogram.negative, field::negative_spans, field::negative_deltas, field::negative_counts);
  append_side(message, histogram.positive, field::positive_spans, field::positive_deltas, field::positive_counts);
  if (histogram.hint != reset_hint::unknown) {
    message.add_enum(number_of(field::reset_hint), static_cast<int32_t>(histogram.hint));
  }
}

void encode_custom_values(std::string& out, const native_histogram& histogram) {
  protozero::pbf_writer message(out);
  message.add_packed_double(number_of(field::custom_values), histogram.custom_values.begin(),
                            histogram.custom_values.end());
}

}  // namespace rollcall::histograms
