#pragma once

#include "lib/base/result.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rollcall {

/// One element of a target-group list as written.
struct written_target_group {
  std::vector<std::string> targets;
  std::vector<std::pair<std::string, std::string>> labels;
};

/// Reads the list from JSON, strictly. Errors read `LINE:COL: message`.
result<std::vector<written_target_group>> parse_target_group_json(std::string_view text);

}  // namespace rollcall
