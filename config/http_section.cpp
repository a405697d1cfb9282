#include "config/http_section.hpp"

#include "config/identity_section.hpp"
#include "config/transport_section.hpp"
#include "lib/base/ascii.hpp"
#include "lib/labels/quote.hpp"

#include <fmt/format.h>

#include <array>

namespace rollcall {
namespace {

constexpr std::array<std::string_view, 18> reserved_headers = {"authorization",
                                                               "host",
                                                               "content-encoding",
                                                               "content-length",
                                                               "content-type",
                                                               "user-agent",
                                                               "connection",
                                                               "keep-alive",
                                                               "proxy-authenticate",
                                                               "proxy-authorization",
                                                               "www-authenticate",
                                                               "accept-encoding",
                                                               "x-prometheus-remote-write-version",
                                                               "x-prometheus-remote-read-version",
                                                               "x-prometheus-scrape-timeout-seconds",
                                                               "x-amz-date",
                                                               "x-amz-security-token",
                                                               "x-amz-content-sha256"};

void read_basic_auth(yaml_reader& reader, http::basic_auth& out) {
  read_secret_field(reader, "username", "basic_auth", out.username);
  read_secret_field(reader, "password", "basic_auth", out.password);
}

void read_authorization(yaml_reader& reader, http::authorization& out) {
  reader.read("type", out.type);
  if (out.type.empty()) out.type = "Bearer";
  if (ascii_lower(out.type) == "basic")
    reader.report_at("type", "authorization type cannot be set to \"basic\", use \"basic_auth\" instead");
  if (!is_header_value(out.type)) reader.report_at("type", "authorization type holds a control character");
  read_secret_field(reader, "credentials", "authorization", out.credentials);
}

void read_headers(yaml_reader& reader, std::map<std::string, http::custom_header>& out) {
  reader.read_entries("http_headers", "http_headers", [&](std::string_view name, yaml_reader& value) {
    if (is_reserved_http_header(name))
      value.report(fmt::format("setting header {} is not allowed", rollcall::quoted(name)));
    if (!is_header_name(name)) value.report(fmt::format("{} is not a valid header name", rollcall::quoted(name)));
    auto& header = out[std::string(name)];
    value.fields([&](yaml_reader& fields) {
      fields.read("values", header.values);
      fields.read("secrets", header.secrets);
      fields.read("files", header.files);
      for (auto& file : header.files) file = fields.resolve(file);
      if (!std::all_of(header.values.begin(), header.values.end(), is_header_value))
        fields.report_at("values",
                         fmt::format("a value of header {} holds a control character", rollcall::quoted(name)));
      if (!std::all_of(header.secrets.begin(), header.secrets.end(), is_header_value))
        fields.report_at("secrets",
                         fmt::format("a secret of header {} holds a control character", rollcall::quoted(name)));
    });
  });
}

/// The two legacy fields become an authorization.
void read_bearer(yaml_reader& reader, http::client_config& out) {
  http::secret bearer;
  reader.read("bearer_token", bearer.value);
  reader.read_path("bearer_token_file", bearer.file);
  if (bearer.empty()) return;
  std::string_view key = bearer.value.empty() ? "bearer_token_file" : "bearer_token";
  if (!bearer.value.empty() && !bearer.file.empty())
    reader.report_at("bearer_token_file", "at most one of bearer_token & bearer_token_file must be configured");
  if (out.authorization) reader.report_at(key, "authorization is not compatible with bearer_token & bearer_token_file");
  if (out.basic_auth || !std::holds_alternative<std::monostate>(out.identity))
    reader.report_at(key, "at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured");
  out.authorization = http::authorization{"Bearer", std::move(bearer)};
}

void write_headers(yaml_writer& writer, const std::map<std::string, http::custom_header>& headers) {
  if (headers.empty()) return;
  writer.map("http_headers", [&] {
    for (const auto& [name, header] : headers)
      writer.map(name, [&] {
        writer.optional("values", header.values);
        if (!header.secrets.empty()) writer.secrets("secrets", header.secrets);
        writer.optional("files", header.files);
      });
  });
}

}  // namespace

bool is_reserved_http_header(std::string_view name) {
  return std::find(reserved_headers.begin(), reserved_headers.end(), ascii_lower(name)) != reserved_headers.end();
}

void read_http_section(yaml_reader& reader, http::client_config& out) {
  reader.read_map("basic_auth", "basic_auth",
                  [&](yaml_reader& fields) { read_basic_auth(fields, out.basic_auth.emplace()); });
  reader.read_map("authorization", "authorization",
                  [&](yaml_reader& fields) { read_authorization(fields, out.authorization.emplace()); });
  if (out.basic_auth && out.authorization)
    reader.report_at("authorization", "at most one of basic_auth, oauth2 & authorization must be configured");
  read_oauth2_section(reader, out);
  read_bearer(reader, out);
  reader.read_map("tls_config", "tls_config", [&](yaml_reader& fields) { read_tls_fields(fields, out.tls); });
  reader.read("follow_redirects", out.follow_redirects);
  reader.read("enable_http2", out.enable_http2);
  read_proxy_fields(reader, out.proxy);
  read_headers(reader, out.headers);
}

void write_http_section(yaml_writer& writer, const http::client_config& client) {
  if (client.basic_auth)
    writer.map("basic_auth", [&] {
      writer.optional("username", client.basic_auth->username.value);
      writer.optional("username_file", client.basic_auth->username.file);
      write_secret_field(writer, "password", client.basic_auth->password);
    });
  if (client.authorization)
    writer.map("authorization", [&] {
      writer.field("type", client.authorization->type);
      write_secret_field(writer, "credentials", client.authorization->credentials);
    });
  write_identity_section(writer, client.identity);
  write_tls_fields(writer, client.tls);
  writer.field("follow_redirects", client.follow_redirects);
  writer.field("enable_http2", client.enable_http2);
  write_proxy_fields(writer, client.proxy);
  write_headers(writer, client.headers);
}

}  // namespace rollcall
