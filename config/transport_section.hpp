#pragma once

#include "config/yaml_reader.hpp"
#include "config/yaml_writer.hpp"
#include "lib/http/transport_config.hpp"

#include <string>
#include <string_view>

namespace rollcall {

/// Reads `<key>` and `<key>_file`, of which there may be one, and refuses `<key>_ref`, which needs a secret manager.
/// `prefix` names the section in messages.
void read_secret_field(yaml_reader& reader, const std::string& key, std::string_view prefix, http::secret& out);
/// Reads the fields of a `tls_config`.
void read_tls_fields(yaml_reader& reader, http::tls_config& out);
/// Reads the fields about a proxy, from among others.
void read_proxy_fields(yaml_reader& reader, http::proxy_config& out);

/// These write what differs from the defaults, secrets hidden; TLS as a `tls_config`.
void write_secret_field(yaml_writer& writer, const std::string& key, const http::secret& secret);
void write_tls_fields(yaml_writer& writer, const http::tls_config& tls);
void write_proxy_fields(yaml_writer& writer, const http::proxy_config& proxy);

/// Whether these can stand in a header line.
bool is_header_name(std::string_view name);
bool is_header_value(std::string_view value);

}  // namespace rollcall
