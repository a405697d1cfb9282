#pragma once

#include "config/yaml_tree.hpp"

#include <string>

namespace rollcall {

/// A YAML value as JSON. Scalars without quotes become null, true, false or a number where they read as one in both
/// languages, and text otherwise.
std::string to_json(const yaml_node& node);

}  // namespace rollcall
