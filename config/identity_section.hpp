#pragma once

#include "config/yaml_reader.hpp"
#include "config/yaml_writer.hpp"
#include "lib/http/client_config.hpp"

namespace rollcall {

/// Reads `oauth2` of Prometheus's HTTP client block, if it is there.
void read_oauth2_section(yaml_reader& reader, http::client_config& out);

/// Reads `sigv4`, `azuread` and `google_iam` of a remote_write, of which there may be one, and none beside another kind
/// of authentication.
void read_cloud_identity_section(yaml_reader& reader, http::client_config& out);

/// Writes whichever of these there is, secrets hidden.
void write_identity_section(yaml_writer& writer, const http::identity& who);

}  // namespace rollcall
