#pragma once

#include "config/yaml_reader.hpp"
#include "config/yaml_writer.hpp"
#include "lib/labels/names.hpp"
#include "lib/relabel/relabel.hpp"

#include <vector>

namespace rollcall {

/// Reads the list of relabeling rules below a key and validates each for the naming scheme. `place` ends the message
/// for an empty rule: "empty or null <place>".
void read_relabel_section(yaml_reader& reader, std::string_view key, std::string_view place, name_validation scheme,
                          std::vector<relabel::rule_config>& out);

/// Writes the rules below a key, or nothing when there is none.
void write_relabel_section(yaml_writer& writer, std::string_view key, const std::vector<relabel::rule_config>& rules);

}  // namespace rollcall
