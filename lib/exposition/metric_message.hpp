#pragma once

#include "lib/exposition/entry.hpp"
#include "lib/histograms/native_histogram.hpp"

#include <cstdint>
#include <limits>
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
  /// How many buckets, quantiles, spans or exemplars one message may have.
  static constexpr size_t elements_max = size_t{1} << 18;

  /// LabelPair fields with their tags, as they stand one behind the other. Nobody has looked into them yet.
  std::vector<std::string_view> label_runs;
  int64_t timestamp = 0;      ///< Milliseconds; 0 stands for none.
  std::string_view created;   ///< The Timestamp message of the start; empty if there is none.
  std::string_view exemplar;  ///< Of a counter; without data() if there is none.

  double value = 0;  ///< Of a counter, a gauge or something untyped.
  // Of a histogram or a summary.
  uint64_t count = 0;
  double count_float = 0;
  double sum = 0;
  std::vector<labelled_number> numbers;     ///< Buckets or quantiles.
  std::vector<std::string_view> exemplars;  ///< Of a native histogram.

  /// Reads a message of which what belongs to the metric type matters. False, with the reason in `fault`, when it is
  /// malformed or there is too much of something.
  bool read(std::string_view message, metric_type type);
  std::string_view fault;

  /// The count of all observations, of whichever kind it is.
  double total() const { return count_float != 0 ? count_float : static_cast<double>(count); }

  /// Whether it has what makes a histogram a native one: spans, a zero threshold or a zero count.
  bool is_native() const;
  /// Whether the native histogram has as many buckets as its spans need.
  bool has_all_buckets() const;
  /// The native histogram, compacted.
  histograms::native_histogram native_histogram() const;

 private:
  void clear();
  bool read_field(std::string_view payload, metric_type type);
  bool read_single(std::string_view message);
  bool read_summary(std::string_view message);
  bool read_histogram(std::string_view message);
  bool read_native_field(uint32_t tag, uint64_t value, std::string_view bytes);
  bool add_number(const labelled_number& number);
  bool refuse(std::string_view why);

  bool has_native_parts_ = false;
  histograms::native_histogram native_;  // both deltas and counts, as they came
};

/// An Exemplar message; nothing if it is malformed or not UTF-8.
std::optional<exemplar> read_exemplar(std::string_view message);

/// A Timestamp message in milliseconds; nothing if it is malformed.
std::optional<int64_t> read_timestamp(std::string_view message);

/// Whether all labels of a run are well-formed and have a name, and names and values are UTF-8.
bool are_valid_labels(std::string_view run);

/// Appends the labels of a run; nothing of what is malformed.
void append_label_run(std::vector<std::pair<std::string, std::string>>& out, std::string_view run);

}  // namespace rollcall::exposition
