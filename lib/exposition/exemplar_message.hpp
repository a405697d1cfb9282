#pragma once

#include "lib/exposition/entry.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rollcall::exposition {

/// An Exemplar message; nothing if it is malformed or not UTF-8.
std::optional<exemplar> read_exemplar(std::string_view message);

/// A Timestamp message in milliseconds; nothing if it is malformed.
std::optional<int64_t> read_timestamp(std::string_view message);

/// Whether LabelPair fields, one behind the other with their tags, are well-formed and have a name, and names and
/// values are UTF-8.
bool are_valid_labels(std::string_view run);

/// Appends the labels of such fields; nothing of what is malformed.
void append_label_run(std::vector<std::pair<std::string, std::string>>& out, std::string_view run);

}  // namespace rollcall::exposition
