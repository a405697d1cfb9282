#pragma once

#include "lib/series/scrape_cache.hpp"
#include "tests/lib/series/reference_cache.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace rollcall::series {

inline target_labels_ptr make_target(std::vector<std::pair<std::string, std::string>> pairs) {
  return std::make_shared<const target_labels>(labels::of(std::move(pairs)));
}

/// One target's cache, scraped every 15 seconds, with results as text.
struct scrape_fixture {
  explicit scrape_fixture(ingest_options with = {}, target_labels_ptr target = make_target({{"job", "j"}}))
      : cache(std::make_shared<const ingest_options>(std::move(with)), std::move(target)) {}

  /// The next scrape; `seconds` later than the one before.
  plain_result scrape(std::string_view body, int64_t seconds = 15) {
    now += seconds * 1000;
    return spell_out(cache.ingest(body, exposition::format::text, now), *cache.target(), now);
  }
  plain_result fail() {
    now += 15'000;
    return spell_out(cache.forget(), *cache.target(), now);
  }

  scrape_cache cache;
  int64_t now = 1'000'000;
};

/// `up{...} 1`, `up{...} stale`, with `@offset` from the scrape's time if that is not 0; without the label `job="j"`.
/// `now` is a reference so that it can be changed by the expression that gives the result.
inline std::vector<std::string> lines_of(const plain_result& result, const int64_t& now) {
  std::vector<std::string> lines;
  for (const auto& [series, value, timestamp] : result.samples) {
    std::string line = series;
    for (std::string_view own : {", job=\"j\"", "job=\"j\", "}) {
      if (auto at = line.find(own); at != std::string::npos) line.erase(at, own.size());
    }
    std::string_view name = "{__name__=\"";
    REQUIRE(line.starts_with(name));
    auto quote = line.find('"', name.size());
    std::string rest = line.substr(quote + 1);
    line = line.substr(name.size(), quote - name.size()) + (rest == "}" ? "" : "{" + rest.substr(2));
    if (value == stale_marker) {
      line += " stale";
    } else {
      char text[32];
      std::snprintf(text, sizeof text, " %g", to_double(value));
      line += text;
    }
    if (timestamp != now) line += " @" + std::to_string(timestamp - now);
    lines.push_back(line);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

using lines = std::vector<std::string>;

}  // namespace rollcall::series
