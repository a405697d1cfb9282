#pragma once

#include "config/yaml_reader.hpp"
#include "config/yaml_writer.hpp"
#include "lib/http/client_config.hpp"

namespace rollcall {

/// Reads Prometheus's HTTP client block from the fields of a map that may have others too. `out` holds the defaults.
void read_http_section(yaml_reader& reader, http::client_config& out);

/// Writes the block as fields of the current map, secrets hidden.
void write_http_section(yaml_writer& writer, const http::client_config& client);

/// Whether Prometheus keeps a header for itself, so that http_headers may not set it. Ignores case.
bool is_reserved_http_header(std::string_view name);

}  // namespace rollcall
