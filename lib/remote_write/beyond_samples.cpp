#include "lib/remote_write/beyond_samples.hpp"

#include "lib/histograms/encoding.hpp"
#include "lib/series/target_labels.hpp"

#include <protozero/pbf_writer.hpp>

#include <algorithm>
#include <bit>

namespace rollcall::remote_write {

namespace {

// Numbers of prometheus.Histogram and prometheus.Exemplar (prompb/types.proto).
constexpr protozero::pbf_tag_type histogram_timestamp = 15;
constexpr protozero::pbf_tag_type exemplar_value = 2;
constexpr protozero::pbf_tag_type exemplar_timestamp = 3;

}  // namespace

void append_histogram_message(std::string& out, const histograms::native_histogram& histogram, int64_t timestamp) {
  histograms::encode_histogram(out, histogram);
  protozero::pbf_writer writer(out);
  if (timestamp != 0) writer.add_int64(histogram_timestamp, timestamp);
}

void append_exemplar_message(std::string& out, const exposition::exemplar& exemplar) {
  auto labels = exemplar.labels;
  std::sort(labels.begin(), labels.end());
  for (const auto& [name, value] : labels) series::encode_pair(out, name, value);
  protozero::pbf_writer writer(out);
  if (exemplar.value_bits != 0) writer.add_double(exemplar_value, std::bit_cast<double>(exemplar.value_bits));
  if (exemplar.timestamp.value_or(0) != 0) writer.add_int64(exemplar_timestamp, *exemplar.timestamp);
}

}  // namespace rollcall::remote_write
