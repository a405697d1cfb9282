#pragma once

#include "config/yaml_tree.hpp"

#include <string>
#include <string_view>

namespace rollcall::kubernetes {

/// The value of a key; null when there is none. Unlike in our own configuration, unknown keys are nobody's business.
const yaml_node& at(const yaml_node& map, std::string_view key);

/// The text of a key; empty when there is none.
const std::string& text(const yaml_node& map, std::string_view key);

/// The node as JSON. What stands there without quotes and reads as a number, true or false is one.
std::string to_json(const yaml_node& node);

}  // namespace rollcall::kubernetes
