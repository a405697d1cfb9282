#pragma once

#include "lib/labels/labels.hpp"

#include <string>
#include <vector>

namespace rollcall {

/// Names and values in turn: how labels travel between nodes.
std::vector<std::string> texts_of(const labels& set);
/// The labels of such texts; a name at the end that has no value is left out.
labels labels_of(const std::vector<std::string>& texts);

}  // namespace rollcall
