#include "tests/conformance/product.hpp"

#include "tests/conformance/label_notation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace rollcall::conformance {

bool is_taken(http::exposition_format format) {
  switch (format) {
    case http::exposition_format::text:
      return true;
    case http::exposition_format::openmetrics:
      return takes_open_metrics;
    case http::exposition_format::protobuf:
      return takes_protobuf;
  }
  return false;
}

series::ingest_result ingest(series::scrape_cache& cache, std::string_view body, http::exposition_format /*format*/,
                             int64_t now) {
  return cache.ingest(body, now);
}

std::vector<std::string> delivered(const series::ingest_result& result, const series::target_labels& target) {
  std::vector<std::string> lines;
  for (const auto& part : result.parts) {
    size_t at = 0;
    auto stamp = part.timestamps.begin();
    for (const auto& block : *part.series) {
      for (size_t i = 0; i < block->size(); ++i, ++at) {
        bool is_stamped = stamp != part.timestamps.end() && stamp->position == at;
        auto bits = part.values.at(at);
        if (bits != series::absent) {
          auto& line = lines.emplace_back(to_notation(block->labels_of(i, target)) + ' ' + number_text(bits));
          if (is_stamped) line += fmt::format(" @{}", stamp->milliseconds);
        }
        if (is_stamped) ++stamp;
      }
    }
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::string encode_protobuf(std::string_view text) { return std::string(text); }

std::string number_text(series::value_bits bits) {
  if (bits == series::stale_marker) return "stale";
  if (bits == series::normal_nan) return "NaN";
  auto value = series::to_double(bits);
  if (std::isnan(value)) return fmt::format("NaN({:#x})", bits);
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

}  // namespace rollcall::conformance
