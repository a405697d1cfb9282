#pragma once

#include "config/config.hpp"
#include "config/yaml_reader.hpp"
#include "config/yaml_writer.hpp"

namespace rollcall {

/// Reads the top-level sections that concern a Prometheus server and not an agent: runtime and storage are checked and
/// kept, what agent mode does not allow is refused with Prometheus's message.
void read_server_sections(yaml_reader& reader, server_config& out);

void write_server_sections(yaml_writer& writer, const server_config& server);

}  // namespace rollcall
