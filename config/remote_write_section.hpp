#pragma once

#include "config/config.hpp"
#include "config/yaml_reader.hpp"
#include "config/yaml_writer.hpp"

namespace rollcall {

/// Reads one entry of remote_write and gives it its hash and its name. `scheme` holds for its relabeling rules.
void read_remote_write_section(yaml_reader& reader, name_validation scheme, remote_write_config& out);

void write_remote_write_section(yaml_writer& writer, const remote_write_config& endpoint);

}  // namespace rollcall
