#pragma once

#include "lib/base/result.hpp"
#include "lib/labels/labels.hpp"
#include "lib/series/scrape_batch.hpp"
#include "lib/series/written_sample.hpp"
#include "lib/web/selector.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rollcall::web {

/// The samples that match any of some selectors, gathered batch by batch and written as Prometheus's /federate writes
/// them: by metric name, untyped, each with its timestamp, external labels where the series has none of that name.
class federation {
 public:
  /// Samples older than this are left out, as Prometheus's lookback delta has it.
  static constexpr int64_t age_max = 5 * 60 * 1000;

  struct options {
    labels external_labels;
    int64_t now = 0;                ///< Milliseconds since the Unix epoch.
    size_t series_max = 1'000'000;  ///< More fail the request.
  };

  federation(std::vector<selector> selectors, options options);

  /// Errors: errc::limit_exceeded.
  result<void> add(const series::scrape_batch& batch);
  /// Samples that another federation has taken(), whatever they match. Errors: errc::limit_exceeded.
  result<void> add(std::vector<series::written_sample> samples);
  /// What was gathered, for a federation elsewhere.
  std::vector<series::written_sample> take() { return std::exchange(entries_, {}); }
  /// The text, format 0.0.4. Of equal series from several batches the newest sample is written.
  std::string finish();

 private:
  result<void> check_room(size_t more) const;
  bool wanted(std::span<const label> series) const;
  result<void> add_part(const series::batch_part& part, const series::scrape_batch& batch);
  void add_sample(std::span<const label> series, int64_t timestamp, series::value_bits bits);
  void add_external_labels(std::string& text, std::span<const label> series) const;

  std::vector<selector> selectors_;
  options options_;
  /// External labels as `name="value"`, and an empty instance where there is none, in order of name.
  std::vector<std::pair<std::string, std::string>> external_;
  std::vector<series::written_sample> entries_;
};

/// Reads the values of match[]. Errors: those of selector::parse.
result<std::vector<selector>> parse_selectors(std::span<const std::string_view> texts);

}  // namespace rollcall::web
