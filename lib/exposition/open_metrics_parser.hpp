#pragma once

#include "lib/base/result.hpp"
#include "lib/exposition/entry.hpp"
#include "lib/exposition/open_metrics_start_times.hpp"
#include "lib/exposition/open_metrics_tokens.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rollcall::exposition {

/// What the `_created` lines of counters, histograms and summaries are to a reader of OpenMetrics.
enum class start_times : uint8_t {
  as_samples,  ///< Samples like any other.
  apart,       ///< No samples; see open_metrics_parser::start_timestamp().
};

/// Reads the OpenMetrics text formats 0.0.1 and 1.0.0, entry by entry, as Prometheus's own parser does. That is both
/// stricter and laxer than the specification: one space between tokens, no blank lines and no comments, but any order
/// of lines, any suffix of a name and an exemplar on any sample. `# EOF` has to end the body. NUL may stand in label
/// values and help texts and nowhere else; Prometheus also overlooks it right behind those and within `# EOF`.
/// The body must outlive the parser and all views it gives. Errors are errc::syntax and name the line and what was
/// expected there.
class open_metrics_parser {
 public:
  /// end; sample: see series_text(), value_bits(), timestamp(), append_labels(), exemplar(), start_timestamp(); help:
  /// see family() and help(); type: see family() and type(); unit: see family() and unit().
  using entry = exposition::entry;

  explicit open_metrics_parser(std::string_view body, start_times rule = start_times::as_samples)
      : reader_(body), rule_(rule) {}

  /// Reads the next entry. After an error the parser stays where the entry began, at the end before `# EOF`.
  result<entry> next();

  /// Where the next entry is read from, as an offset into the body.
  size_t position() const { return reader_.position(); }
  /// Goes on from another place, which must be the begin of a line.
  void seek(size_t position) { reader_.seek(position); }
  /// Goes on as if the last TYPE line had given this type.
  void set_type(metric_type type) { type_ = type; }
  /// What the last TYPE line said.
  metric_type type() const { return type_; }

  /// The name in the last HELP, TYPE or UNIT line.
  std::string family() const { return family_.plain(); }
  /// The text of the last HELP line.
  std::string help() const { return help_.plain(); }
  /// The text of the last UNIT line, which may be empty.
  std::string_view unit() const { return unit_; }

  /// All of the sample's line before its value: the text that identifies the series.
  std::string_view series_text() const { return series_text_; }
  /// The metric name as it stands in the text, without quotes.
  std::string_view raw_name() const { return name().text; }
  uint64_t value_bits() const { return value_bits_; }
  /// Milliseconds, if the line has a timestamp; what exceeds 64 bits is the least int64_t.
  std::optional<int64_t> timestamp() const { return timestamp_; }
  /// Appends the sample's labels in the order of the text, `__name__` first, unescaped. Names may repeat and values may
  /// be empty. The values of `le` in a histogram and `quantile` in a summary come in the canonical form.
  void append_labels(std::vector<std::pair<std::string, std::string>>& out) const;

  bool has_exemplar() const { return exemplar_.has_value(); }
  /// The exemplar of a sample that has one. Prometheus leaves escapes in its labels as they are; here they are
  /// resolved.
  exposition::exemplar exemplar() const;

  /// Milliseconds, for a sample of a counter, histogram or summary in the rule `apart`: the value of the last
  /// `_created` line that stands between the sample and the next line of metadata and has the labels of the sample,
  /// `le` and `quantile` aside. When first asked for in a family, the rest of the family is read once more, and a text
  /// per
  /// `_created` line is kept until another family comes; so the whole body is read twice at most.
  std::optional<int64_t> start_timestamp();

 private:
  const token& name() const { return *braces_.metric_name; }
  bool is_start_time() const;

  result<entry> read_entry();
  result<entry> hash_line();
  result<entry> end_of_text();
  result<entry> metadata(entry kind, std::string_view expected_name);
  result<void> take_metadata(entry kind, const token& family, std::string_view text);
  result<entry> sample();
  result<void> rest_of_sample();

  token_reader reader_;
  start_times rule_;
  metric_type type_ = metric_type::unknown;
  token family_;
  token help_;
  std::string_view unit_;
  size_t sample_at_ = 0;
  std::string_view series_text_;
  raw_braces braces_;
  uint64_t value_bits_ = 0;
  std::optional<int64_t> timestamp_;
  std::optional<raw_exemplar> exemplar_;
  open_metrics_start_times start_times_;
};

}  // namespace rollcall::exposition
