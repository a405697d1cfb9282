#include "tests/conformance/product.hpp"

#include "lib/exposition/entry.hpp"
#include "lib/exposition/histogram_text.hpp"
#include "tests/conformance/label_notation.hpp"
#include "tests/support/metric_family_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace rollcall::conformance {

namespace {

exposition::format format_of(http::exposition_format format) {
  switch (format) {
    case http::exposition_format::openmetrics:
      return exposition::format::open_metrics;
    case http::exposition_format::protobuf:
      return exposition::format::protobuf;
    case http::exposition_format::text:
      break;
  }
  return exposition::format::text;
}

std::string exemplar_text(const exposition::exemplar& exemplar) {
  std::string text = " # " + to_notation(labels::of(exemplar.labels));
  return text + ' ' + number_text(exemplar.value_bits) + fmt::format(" @{}", exemplar.timestamp.value());
}

std::string value_text(const series::batch_part& part, size_t at) {
  if (part.values.at(at) != series::histogram_value) return number_text(part.values[at]);
  auto found = std::find_if(part.histograms.begin(), part.histograms.end(),
                            [at](const auto& sample) { return sample.position == at; });
  return found == part.histograms.end() ? "a histogram that is missing" : to_string(*found->histogram);
}

}  // namespace

series::ingest_result ingest(series::scrape_cache& cache, std::string_view body, http::exposition_format format,
                             int64_t now) {
  return cache.ingest(body, format_of(format), now);
}

std::vector<std::string> delivered(const series::ingest_result& result, const series::target_labels& target) {
  std::vector<std::string> lines;
  for (const auto& part : result.parts) {
    size_t at = 0;
    auto stamp = part.timestamps.begin();
    for (const auto& block : *part.series) {
      for (size_t i = 0; i < block->size(); ++i, ++at) {
        bool is_stamped = stamp != part.timestamps.end() && stamp->position == at;
        if (part.values.at(at) != series::absent) {
          auto& line = lines.emplace_back(to_notation(block->labels_of(i, target)) + ' ' + value_text(part, at));
          if (is_stamped) line += fmt::format(" @{}", stamp->milliseconds);
          for (const auto& sample : part.exemplars) {
            if (sample.position == at) line += exemplar_text(sample.exemplar);
          }
        }
        if (is_stamped) ++stamp;
      }
    }
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::string encode_protobuf(std::string_view text) { return test::encode_metric_families(text); }

std::string number_text(series::value_bits bits) {
  if (bits == series::stale_marker) return "stale";
  if (bits == series::normal_nan) return "NaN";
  auto value = series::to_double(bits);
  if (std::isnan(value)) return fmt::format("NaN({:#x})", bits);
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

}  // namespace rollcall::conformance
