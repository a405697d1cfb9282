#pragma once

#include "lib/exposition/entry.hpp"
#include "lib/exposition/native_fields.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace rollcall::exposition {

/// A bucket of a classic histogram or a quantile of a summary.
struct labelled_number {
  uint64_t label_bits = 0;  ///< Of `le` or `quantile`.
  uint64_t value_bits = 0;
  std::string_view exemplar;  ///< The Exemplar message; without data() if there is none.
};

/// What an io.prometheus.client.Metric message says. Views are into the message. Memory stays for the next one.
struct metric_message {
  /// How many buckets or quantiles and how many exemplars one message may have.
  static constexpr size_t elements_max = native_fields::elements_max;

  /// LabelPair fields with their tags, as they stand one behind the other. Nobody has looked into them yet.
  std::vector<std::string_view> label_runs;
  int64_t timestamp = 0;      ///< Milliseconds; 0 stands for none.
  std::string_view created;   ///< The Timestamp message of the start; empty if there is none.
  std::string_view exemplar;  ///< Of a counter; without data() if there is none.

  double value = 0;                      ///< Of a counter, a gauge or something untyped.
  histogram_totals totals;               ///< Of a histogram or a summary, as all that follows.
  std::vector<labelled_number> numbers;  ///< Buckets or quantiles.
  bool numbers_have_exemplars = false;
  std::vector<std::string_view> exemplars;  ///< Of a native histogram.
  native_fields native;

  /// Reads a message of which what belongs to the metric type matters. False, with the reason in `fault`, when it is
  /// malformed or there is too much of something.
  bool read(std::string_view message, metric_type type);
  std::string_view fault;

 private:
  void clear();
  void clear_distribution();
  bool read_field(std::string_view payload, metric_type type);
  bool read_single(std::string_view message);
  bool read_summary(std::string_view message);
  bool read_histogram(std::string_view message);
  bool refuse(std::string_view why);

  bool holds_distribution_ = false;  // whether anything of a histogram or a summary is to be cleared
};

/// A metric that has labels and a number and nothing else.
struct labelled_value {
  std::string_view labels;  ///< One run of LabelPair fields, as in metric_message.
  double value;
};

/// Reads a metric of that form as most clients write it; nothing if it is another one, or of a type that has parts.
std::optional<labelled_value> read_labelled_value(std::string_view metric, metric_type type);

}  // namespace rollcall::exposition
