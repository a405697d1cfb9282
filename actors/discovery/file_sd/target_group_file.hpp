#pragma once

#include "lib/base/result.hpp"
#include "lib/targets/target_group.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rollcall {

/// What a mechanism adds to the groups of one list: the source of group i is `<name>:<i>`, and each group gets `label`
/// with the value `name`, which replaces a label of that name in the list.
struct target_group_origin {
  std::string name;   ///< The file's path, or the URL.
  std::string label;  ///< "__meta_filepath", or "__meta_url".
};

enum class target_group_format : unsigned char { yaml, json };

/// Reads a list of `{targets: [address...], labels: {name: value}}`, strictly: other keys are errors, as are null
/// groups. Without any text, YAML is an empty list and JSON an error. Errors read `LINE:COL: message`.
result<std::vector<target_group>> parse_target_groups(std::string_view text, target_group_format format,
                                                      const target_group_origin& origin);

/// The format that a file's name tells: JSON when it ends in .json or .JSON, else YAML.
target_group_format format_of_file(std::string_view path);

}  // namespace rollcall
