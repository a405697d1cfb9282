#pragma once

#include "lib/base/result.hpp"
#include "lib/exposition/entry.hpp"
#include "lib/exposition/token_reader.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rollcall::exposition {

/// Reads the Prometheus text formats 0.0.4 and 1.0.0, entry by entry, as Prometheus's own parser does, its leniencies
/// included: blanks between any two tokens, trailing commas and even missing ones, raw newlines in quotes. The body
/// must outlive the parser and all views it gives. Errors are errc::syntax and name the line and what was expected
/// there.
class text_parser {
 public:
  /// end; sample: see series_text(), value_bits(), timestamp(), append_labels(); help: see family() and help(); type:
  /// see family() and type(); comment: any other line that begins with '#'.
  using entry = exposition::entry;

  explicit text_parser(std::string_view body) : reader_(body) {}

  /// Reads the next entry. After an error the parser stays where the entry began.
  result<entry> next();

  /// Where the next entry is read from, as an offset into the body.
  size_t position() const { return reader_.position(); }
  /// Goes on from another place, which must be the begin of a line.
  void seek(size_t position) { reader_.seek(position); }
  /// Goes on as if the last TYPE line had given this type.
  void set_type(metric_type type) { type_ = type; }
  /// What the last TYPE line said.
  metric_type type() const { return type_; }

  /// The name in the last HELP or TYPE line.
  std::string family() const;
  /// The text of the last HELP line.
  std::string help() const;

  /// All of the sample's line before its value, without blanks around it: the text that identifies the series.
  std::string_view series_text() const { return series_text_; }
  /// The metric name as it stands in the text, without quotes.
  std::string_view raw_name() const { return name_.text; }
  uint64_t value_bits() const { return value_bits_; }
  /// Milliseconds, if the line has a timestamp.
  std::optional<int64_t> timestamp() const { return timestamp_; }
  /// Appends the sample's labels in the order of the text, `__name__` first, unescaped. Names may repeat and values may
  /// be empty. The values of `le` in a histogram and `quantile` in a summary come in the canonical form of OpenMetrics.
  void append_labels(std::vector<std::pair<std::string, std::string>>& out) const;

 private:
  void skip_blanks();

  result<entry> comment();
  result<entry> metadata(entry kind);
  result<void> set_type_from(std::string_view text);
  result<entry> sample();
  result<void> label_list();
  result<void> one_label(const token& name);
  result<void> value_and_timestamp();

  token_reader reader_;
  metric_type type_ = metric_type::unknown;
  token name_;
  bool name_known_ = false;
  token family_;
  std::string_view help_;
  std::string_view series_text_;
  std::vector<raw_label> labels_;
  uint64_t value_bits_ = 0;
  std::optional<int64_t> timestamp_;
};

}  // namespace rollcall::exposition
