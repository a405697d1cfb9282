#include "config/http_section.hpp"

#include "config/url.hpp"
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
constexpr std::array<std::pair<std::string_view, http::tls_version>, 4> tls_versions = {
    {{"TLS10", http::tls_version::tls10},
     {"TLS11", http::tls_version::tls11},
     {"TLS12", http::tls_version::tls12},
     {"TLS13", http::tls_version::tls13}}};

bool is_token(std::string_view name) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || marks.find(c) != marks.npos;
  });
}

bool is_header_value(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7F; });
}

/// `<key>`, `<key>_file` and the `<key>_ref` that needs a secret manager.
void read_secret(yaml_reader& reader, const std::string& key, std::string_view prefix, http::secret& out) {
  reader.read(key, out.value);
  reader.read_path(key + "_file", out.file);
  reader.refuse_unsupported(key + "_ref");
  if (!out.value.empty() && !out.file.empty())
    reader.report_at(key + "_file", fmt::format("at most one of {0} {1} & {1}_file must be configured", prefix, key));
}

void read_basic_auth(yaml_reader& reader, http::basic_auth& out) {
  read_secret(reader, "username", "basic_auth", out.username);
  read_secret(reader, "password", "basic_auth", out.password);
}

void read_authorization(yaml_reader& reader, http::authorization& out) {
  reader.read("type", out.type);
  if (out.type.empty()) out.type = "Bearer";
  std::string lower = out.type;
  for (auto& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (lower == "basic")
    reader.report_at("type", "authorization type cannot be set to \"basic\", use \"basic_auth\" instead");
  if (!is_header_value(out.type)) reader.report_at("type", "authorization type holds a control character");
  read_secret(reader, "credentials", "authorization", out.credentials);
}

void read_tls_version(yaml_reader& reader, std::string_view key, http::tls_version& out) {
  std::string name;
  if (!reader.read(key, name) || name.empty()) return;
  for (const auto& [known, version] : tls_versions)
    if (known == name) {
      out = version;
      return;
    }
  reader.report_at(key, fmt::format("unknown TLS version: {}", name));
}

void read_tls(yaml_reader& reader, http::tls_config& out) {
  auto both = [&](std::string_view inline_key, const std::string& value, const std::string& file) {
    if (!value.empty() && !file.empty())
      reader.report_at(inline_key, fmt::format("at most one of {0} and {0}_file must be configured", inline_key));
  };
  reader.read("ca", out.ca);
  reader.read_path("ca_file", out.ca_file);
  reader.read("cert", out.cert);
  reader.read_path("cert_file", out.cert_file);
  reader.read("key", out.key.value);
  reader.read_path("key_file", out.key.file);
  for (std::string_view reference : {"ca_ref", "cert_ref", "key_ref"}) reader.refuse_unsupported(reference);
  reader.read("server_name", out.server_name);
  reader.read("insecure_skip_verify", out.insecure_skip_verify);
  read_tls_version(reader, "min_version", out.version_min);
  read_tls_version(reader, "max_version", out.version_max);
  both("ca", out.ca, out.ca_file);
  both("cert", out.cert, out.cert_file);
  both("key", out.key.value, out.key.file);
  bool has_cert = !out.cert.empty() || !out.cert_file.empty();
  if (has_cert && out.key.empty())
    reader.report("exactly one of key or key_file must be configured when a client certificate is configured");
  if (!has_cert && !out.key.empty())
    reader.report("exactly one of cert or cert_file must be configured when a client key is configured");
  if (out.version_max != http::tls_version::unset && out.version_max < out.version_min)
    reader.report_at(
        "max_version",
        "tls_config.max_version must be greater than or equal to tls_config.min_version if both are specified");
}

void read_proxy(yaml_reader& reader, http::proxy_config& out) {
  reader.read("proxy_url", out.url);
  reader.read("no_proxy", out.no_proxy);
  reader.read("proxy_from_environment", out.from_environment);
  reader.read("proxy_connect_header", out.connect_headers);
  if (out.from_environment && !out.url.empty())
    reader.report_at("proxy_url", "if proxy_from_environment is configured, proxy_url must not be configured");
  if (out.from_environment && !out.no_proxy.empty())
    reader.report_at("no_proxy", "if proxy_from_environment is configured, no_proxy must not be configured");
  if (!out.no_proxy.empty() && out.url.empty())
    reader.report_at("no_proxy", "if no_proxy is configured, proxy_url must also be configured");
  if (!out.connect_headers.empty() && out.url.empty() && !out.from_environment)
    reader.report_at(
        "proxy_connect_header",
        "if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured");
  for (const auto& [name, values] : out.connect_headers)
    if (!is_token(name) || !std::all_of(values.begin(), values.end(), is_header_value))
      reader.report_at("proxy_connect_header", fmt::format("{} is not a valid header", rollcall::quoted(name)));
}

void read_headers(yaml_reader& reader, std::map<std::string, http::custom_header>& out) {
  reader.read_entries("http_headers", "http_headers", [&](std::string_view name, yaml_reader& value) {
    if (is_reserved_http_header(name))
      value.report(fmt::format("setting header {} is not allowed", rollcall::quoted(name)));
    if (!is_token(name)) value.report(fmt::format("{} is not a valid header name", rollcall::quoted(name)));
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
  if (out.basic_auth)
    reader.report_at(key, "at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured");
  out.authorization = http::authorization{"Bearer", std::move(bearer)};
}

void write_secret(yaml_writer& writer, const std::string& key, const http::secret& secret) {
  writer.secret(key, secret.value);
  writer.optional(key + "_file", secret.file);
}

void write_tls(yaml_writer& writer, const http::tls_config& tls) {
  auto version = [&](std::string_view key, http::tls_version wanted) {
    for (const auto& [name, known] : tls_versions)
      if (known == wanted) writer.field(key, name);
  };
  writer.map("tls_config", [&] {
    writer.optional("ca", tls.ca);
    writer.optional("ca_file", tls.ca_file);
    writer.optional("cert", tls.cert);
    writer.optional("cert_file", tls.cert_file);
    write_secret(writer, "key", tls.key);
    writer.optional("server_name", tls.server_name);
    writer.field("insecure_skip_verify", tls.insecure_skip_verify);
    version("min_version", tls.version_min);
    version("max_version", tls.version_max);
  });
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
  std::string lower(name);
  for (auto& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return std::find(reserved_headers.begin(), reserved_headers.end(), lower) != reserved_headers.end();
}

void read_http_section(yaml_reader& reader, http::client_config& out) {
  reader.read_map("basic_auth", "basic_auth",
                  [&](yaml_reader& fields) { read_basic_auth(fields, out.basic_auth.emplace()); });
  reader.read_map("authorization", "authorization",
                  [&](yaml_reader& fields) { read_authorization(fields, out.authorization.emplace()); });
  reader.refuse_unsupported("oauth2");
  if (out.basic_auth && out.authorization)
    reader.report_at("authorization", "at most one of basic_auth, oauth2 & authorization must be configured");
  read_bearer(reader, out);
  reader.read_map("tls_config", "tls_config", [&](yaml_reader& fields) { read_tls(fields, out.tls); });
  reader.read("follow_redirects", out.follow_redirects);
  reader.read("enable_http2", out.enable_http2);
  read_proxy(reader, out.proxy);
  read_headers(reader, out.headers);
}

void write_http_section(yaml_writer& writer, const http::client_config& client) {
  if (client.basic_auth)
    writer.map("basic_auth", [&] {
      writer.optional("username", client.basic_auth->username.value);
      writer.optional("username_file", client.basic_auth->username.file);
      write_secret(writer, "password", client.basic_auth->password);
    });
  if (client.authorization)
    writer.map("authorization", [&] {
      writer.field("type", client.authorization->type);
      write_secret(writer, "credentials", client.authorization->credentials);
    });
  if (client.tls != http::tls_config{}) write_tls(writer, client.tls);
  writer.field("follow_redirects", client.follow_redirects);
  writer.field("enable_http2", client.enable_http2);
  writer.optional("proxy_url", redacted_url(client.proxy.url));
  writer.optional("no_proxy", client.proxy.no_proxy);
  writer.optional("proxy_from_environment", client.proxy.from_environment);
  if (!client.proxy.connect_headers.empty())
    writer.map("proxy_connect_header", [&] {
      for (const auto& [name, values] : client.proxy.connect_headers) writer.secrets(name, values);
    });
  write_headers(writer, client.headers);
}

}  // namespace rollcall
