#pragma once

#include "lib/exposition/text_parser.hpp"
#include "lib/labels/labels.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rollcall::exposition {

/// Appends a series as the text formats write it: `metric{a="b",c="d"}`. A metric name that needs quotes moves into the
/// braces, `{"my.metric",a="b"}`, and label names that need them get them (format 1.0.0).
void append_series(std::string& out, const labels& series);

/// Appends one sample as a line of the text formats; the timestamp is in milliseconds.
void append_sample(std::string& out, const labels& series, double value, std::optional<int64_t> timestamp);

/// Appends `# TYPE family type`.
void append_type(std::string& out, std::string_view family, metric_type type);
/// Appends `# HELP family text`, escaped.
void append_help(std::string& out, std::string_view family, std::string_view text);

}  // namespace rollcall::exposition
