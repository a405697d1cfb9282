#include "lib/exposition/histogram_text.hpp"
#include "lib/exposition/protobuf_parser.hpp"
#include "lib/histograms/encoding.hpp"
#include "lib/histograms/resolution.hpp"
#include "lib/histograms/validation.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace rollcall;
using exposition::entry;
using exposition::protobuf_parser;

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr std::array<unsigned char, 192> secret = {1, 2, 3, 4, 5};

std::string written(const histograms::native_histogram& histogram) {
  std::string out = to_string(histogram);
  histograms::encode_histogram(out, histogram);
  histograms::encode_custom_values(out, histogram);
  return out;
}

// What is done to a histogram keeps it as valid as it was.
void try_out(histograms::native_histogram histogram) {
  bool was_valid = histograms::validate(histogram).has_value();
  if (histograms::limit_schema(histogram, 2) && was_valid) require(histogram.schema <= 2);
  if (histograms::limit_buckets(histogram, 3)) {
    require(histogram.positive.deltas.size() + histogram.positive.counts.size() <= 3);
  }
  if (was_valid) require(histograms::validate(histogram).has_value());
}

std::string series_of(const protobuf_parser& parser, entry read) {
  if (!parser.check_labels()) return "invalid";
  std::vector<std::pair<std::string, std::string>> labels;
  parser.append_labels(labels);
  require(labels.front().first == "__name__" && labels.front().second == parser.raw_name());
  std::string out = std::to_string(parser.series_hash());
  for (const auto& [name, value] : labels) out += name + '=' + value + ',';
  std::vector<exposition::exemplar> exemplars;
  parser.append_exemplars(exemplars);
  for (const auto& one : exemplars) {
    require(read == entry::sample || one.timestamp.has_value());
    out += std::to_string(one.value_bits);
  }
  out += std::to_string(parser.timestamp().value_or(-1)) + std::to_string(parser.start_timestamp().value_or(-1));
  if (read == entry::sample) return out + std::to_string(parser.value_bits());
  try_out(*parser.histogram());
  return out + written(*parser.histogram());
}

std::string all_of(std::string_view body, const exposition::histogram_options& options) {
  protobuf_parser parser(body, options, secret);
  std::string out;
  size_t before = 0;
  for (;;) {
    auto read = parser.next();
    require(parser.position() >= before && parser.position() <= body.size());
    before = parser.position();
    if (!read) {
      require(parser.next().error() == read.error());
      return out + read.error().message;
    }
    if (*read == entry::end) return out;
    out += parser.family();
    if (*read == entry::sample || *read == entry::histogram) out += series_of(parser, *read);
  }
}

// One sample of a body: its hash and its value, or that it is a histogram.
using plain_entry = std::pair<uint64_t, uint64_t>;
constexpr uint64_t a_histogram = 1;  // no double that a count or a value would have here

// All samples of a body. With `row_max` they are taken in rows of at most that many where that is possible.
std::vector<plain_entry> samples_of(std::string_view body, const exposition::histogram_options& options,
                                    size_t row_max) {
  protobuf_parser parser(body, options, secret);
  std::vector<plain_entry> samples;
  for (auto read = parser.next(); read && *read != entry::end; read = parser.next()) {
    if (*read != entry::sample && *read != entry::histogram) continue;
    samples.emplace_back(parser.series_hash(), *read == entry::sample ? parser.value_bits() : a_histogram);
    if (row_max == 0) continue;
    size_t taken = 0;
    parser.take_numbers([&](uint64_t hash, uint64_t value) {
      if (taken++ == row_max) return false;
      samples.emplace_back(hash, value);
      return true;
    });
  }
  return samples;
}

}  // namespace

// The first byte chooses the options. Reading twice must give the same, wherever the bytes lie.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  exposition::histogram_options options;
  options.scrape_native_histograms = (data[0] & 1) == 0;
  options.always_scrape_classic_histograms = (data[0] & 2) != 0;
  options.convert_classic_histograms_to_nhcb = (data[0] & 4) != 0;
  std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::string first = all_of(body, options);
  require(first == all_of(std::string(body), options));
  auto one_by_one = samples_of(body, options, 0);
  for (size_t row_max : {1, 3, 1'000'000}) require(samples_of(body, options, row_max) == one_by_one);
  return 0;
}
