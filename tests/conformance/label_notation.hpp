#pragma once

#include "lib/labels/labels.hpp"
#include "tests/conformance/case_file.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rollcall::conformance {

using label_pairs = std::vector<std::pair<std::string, std::string>>;

/// Reads `name{label="value","other name"="value"}`, `{label="value"}` or `name` from the front of `text`, which then
/// begins behind it. The metric name comes as the label `__name__`. Values and quoted names have the escapes of
/// unescape().
label_pairs take_labels(std::string_view& text, const field& where);
/// As take_labels(), of a text that has nothing else.
labels parse_labels(std::string_view text, const field& where);

/// The set in this notation: labels in order of name, separated by a comma alone; `{}` for the empty set.
std::string to_notation(const labels& set);

}  // namespace rollcall::conformance
