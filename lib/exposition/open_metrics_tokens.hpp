#pragma once

#include "lib/exposition/entry.hpp"
#include "lib/exposition/token_reader.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace rollcall::exposition {

/// What stands in a pair of braces. A label in them may be followed by a comma, and a space may stand nowhere.
struct raw_braces {
  std::vector<raw_label> labels;
  std::optional<token> metric_name;  ///< A text in quotes without a value.
};

/// An exemplar as it stands in a body; a view of it.
struct raw_exemplar {
  std::vector<raw_label> labels;
  uint64_t value_bits = 0;
  std::optional<int64_t> timestamp;

  /// Its labels come in the order of the text, with their escapes resolved.
  exemplar plain() const;
};

/// Whether a family of this name may have this unit: none, or one that the name ends with, behind a '_'.
bool is_unit_of(std::string_view family, std::string_view unit);

/// Reads a name, with quotes or without. One in quotes may go on over lines, but has no NUL.
result<token> read_open_metrics_name(token_reader& reader, token_reader::colons rule, std::string_view what);

/// Reads what stands in braces, from the opening to the closing one. Adds to `braces`, in which a metric name may
/// already be; then another one is an error. Label values end within the line and are UTF-8.
result<void> read_braces(token_reader& reader, raw_braces& braces);

/// Reads a space and a number of OpenMetrics behind it.
result<double> read_number(token_reader& reader, std::string_view what);
/// Reads a space and a time in seconds behind it; gives milliseconds.
result<int64_t> read_timestamp(token_reader& reader);

/// Whether an exemplar follows the value or timestamp that was read.
bool begins_exemplar(std::string_view rest);
/// Reads ` # {...} value[ timestamp]`, up to the end of the line.
result<raw_exemplar> read_exemplar(token_reader& reader);

/// Reads an exemplar that stands alone: from the '#' to the end of the line, without the newline.
result<exemplar> parse_exemplar(std::string_view text);

}  // namespace rollcall::exposition
