#pragma once

#include <nlohmann/json.hpp>

#include <map>
#include <string>

namespace rollcall {

/// Parameters nested deeper than this are left out.
inline constexpr int parameter_depth_max = 32;

/// A resource's parameters as label names (without prefix) and values: maps become `outer_inner`, lists their items
/// with commas between them, numbers as Go writes them; what is null or empty is left out.
std::map<std::string, std::string> puppetdb_parameter_labels(const nlohmann::json& parameters);

}  // namespace rollcall
