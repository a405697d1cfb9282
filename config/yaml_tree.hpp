#pragma once

#include "lib/base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall {

/// A place in a text, both counted from 1; 0:0 where there is none.
struct yaml_position {
  int line = 0;
  int column = 0;

  bool operator==(const yaml_position&) const = default;
};

enum class yaml_kind : unsigned char { null, scalar, list, map };

struct yaml_entry;

/// One value of a YAML document, with aliases and merge keys already resolved: a plain tree. Map keys are unique.
struct yaml_node {
  yaml_kind kind = yaml_kind::null;
  bool quoted = false;  ///< A scalar in quotes, in block style or tagged !!str: always text.
  std::string text;     ///< Of a scalar.
  yaml_position position;
  std::vector<yaml_node> items;  ///< Of a list.
  std::vector<yaml_entry> map;   ///< Of a map, in order of the text, what was merged last.
};

struct yaml_entry {
  std::string key;
  yaml_position position;
  yaml_node value;
};

/// Bounds on a document, so that a small text cannot become a large or an endless tree.
struct yaml_limits {
  size_t text_bytes_max = 64 << 20;
  size_t depth_max = 64;
  size_t nodes_max = 1'000'000;  ///< After aliases are resolved.
};

/// Reads the first document of a text; an empty one is null. Errors read `LINE:COL: message`.
result<yaml_node> parse_yaml(std::string_view text, const yaml_limits& limits = {});

}  // namespace rollcall
