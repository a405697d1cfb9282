#pragma once

#include "lib/base/result.hpp"

#include <nlohmann/json.hpp>

#include <string_view>
#include <vector>

namespace rollcall::kubernetes {

/// Which keys of a JSON object to keep, and what of their values. Lists are transparent: what is said of a key is said
/// of every item of its list. Without any key below, a value is kept as it is.
struct kept_key {
  std::string_view name;
  std::vector<kept_key> below;
};

/// Parses a text and keeps of it only what `root` says, so that memory is needed for that alone. Errors: errc::syntax.
result<nlohmann::json> parse_filtered(std::string_view text, const kept_key& root);

}  // namespace rollcall::kubernetes
