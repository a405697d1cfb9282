#include "config/transport_section.hpp"

#include "config/url.hpp"
#include "lib/labels/quote.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace rollcall {
namespace {

constexpr std::array<std::pair<std::string_view, http::tls_version>, 4> tls_versions = {
    {{"TLS10", http::tls_version::tls10},
     {"TLS11", http::tls_version::tls11},
     {"TLS12", http::tls_version::tls12},
     {"TLS13", http::tls_version::tls13}}};

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

}  // namespace

bool is_header_name(std::string_view name) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || marks.find(c) != marks.npos;
  });
}

bool is_header_value(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7F; });
}

void read_secret_field(yaml_reader& reader, const std::string& key, std::string_view prefix, http::secret& out) {
  reader.read(key, out.value);
  reader.read_path(key + "_file", out.file);
  reader.refuse_unsupported(key + "_ref");
  if (!out.value.empty() && !out.file.empty())
    reader.report_at(key + "_file", fmt::format("at most one of {0} {1} & {1}_file must be configured", prefix, key));
}

void read_tls_fields(yaml_reader& reader, http::tls_config& out) {
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

void read_proxy_fields(yaml_reader& reader, http::proxy_config& out) {
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
    if (!is_header_name(name) || !std::all_of(values.begin(), values.end(), is_header_value))
      reader.report_at("proxy_connect_header", fmt::format("{} is not a valid header", rollcall::quoted(name)));
}

void write_secret_field(yaml_writer& writer, const std::string& key, const http::secret& secret) {
  writer.secret(key, secret.value);
  writer.optional(key + "_file", secret.file);
}

void write_tls_fields(yaml_writer& writer, const http::tls_config& tls) {
  if (tls == http::tls_config{}) return;
  auto version = [&](std::string_view key, http::tls_version wanted) {
    for (const auto& [name, known] : tls_versions)
      if (known == wanted) writer.field(key, name);
  };
  writer.map("tls_config", [&] {
    writer.optional("ca", tls.ca);
    writer.optional("ca_file", tls.ca_file);
    writer.optional("cert", tls.cert);
    writer.optional("cert_file", tls.cert_file);
    write_secret_field(writer, "key", tls.key);
    writer.optional("server_name", tls.server_name);
    writer.field("insecure_skip_verify", tls.insecure_skip_verify);
    version("min_version", tls.version_min);
    version("max_version", tls.version_max);
  });
}

void write_proxy_fields(yaml_writer& writer, const http::proxy_config& proxy) {
  writer.optional("proxy_url", redacted_url(proxy.url));
  writer.optional("no_proxy", proxy.no_proxy);
  writer.optional("proxy_from_environment", proxy.from_environment);
  if (!proxy.connect_headers.empty())
    writer.map("proxy_connect_header", [&] {
      for (const auto& [name, values] : proxy.connect_headers) writer.secrets(name, values);
    });
}

}  // namespace rollcall
