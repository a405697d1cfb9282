#pragma once

#include "lib/relabel/relabel.hpp"

#include <string>

namespace rollcall::relabel {

/// The rule in one line: `keep, source_labels [a, b], regex "x"`. Fields that have their defaults are left out.
std::string describe(const rule_config& config);

}  // namespace rollcall::relabel
