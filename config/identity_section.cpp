#include "config/identity_section.hpp"

#include "config/transport_section.hpp"
#include "config/url.hpp"
#include "lib/auth/azure.hpp"
#include "lib/labels/quote.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace rollcall {
namespace {

constexpr std::string_view client_credentials = "client_credentials";
constexpr std::string_view jwt_bearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr std::array<std::pair<std::string_view, http::jwt_algorithm>, 3> algorithms = {
    {{"RS256", http::jwt_algorithm::rs256},
     {"RS384", http::jwt_algorithm::rs384},
     {"RS512", http::jwt_algorithm::rs512}}};

using azure_method = http::azure_identity::method;

void read_grant(yaml_reader& reader, http::oauth2_config& out) {
  std::string grant(client_credentials);
  reader.read("grant_type", grant);
  if (grant == jwt_bearer) {
    out.type = http::oauth2_config::grant::jwt_bearer;
  } else if (!grant.empty() && grant != client_credentials) {
    reader.report_at("grant_type", fmt::format("oauth2 grant_type must be {} or {}", client_credentials, jwt_bearer));
  }
}

void read_assertion(yaml_reader& reader, http::oauth2_config& out) {
  reader.read("client_certificate_key_id", out.key_id);
  read_secret_field(reader, "client_certificate_key", "oauth2", out.key);
  std::string algorithm;
  if (reader.read("signature_algorithm", algorithm) && !algorithm.empty()) {
    auto known = std::find_if(algorithms.begin(), algorithms.end(), [&](auto& one) { return one.first == algorithm; });
    if (known == algorithms.end()) {
      reader.report_at("signature_algorithm", "oauth2 signature_algorithm must be one of RS256, RS384, RS512");
    } else {
      out.algorithm = known->second;
    }
  }
  reader.read("iss", out.issuer);
  reader.read("audience", out.audience);
  reader.read_entries("claims", "claims", [&](std::string_view name, yaml_reader& value) {
    out.claims[std::string(name)] = value.self_as_json();
  });
  bool signs = out.type == http::oauth2_config::grant::jwt_bearer;
  if (signs && out.key.empty()) {
    reader.report(
        "oauth2 client_certificate_key or client_certificate_key_file must be configured for this grant_type");
  }
}

void read_oauth2(yaml_reader& reader, http::oauth2_config& out) {
  reader.read("client_id", out.client_id);
  read_secret_field(reader, "client_secret", "oauth2", out.client_secret);
  reader.read("scopes", out.scopes);
  reader.read("token_url", out.token_url);
  reader.read("endpoint_params", out.endpoint_params);
  reader.read_map("tls_config", "tls_config", [&](yaml_reader& fields) { read_tls_fields(fields, out.tls); });
  read_proxy_fields(reader, out.proxy);
  read_grant(reader, out);
  read_assertion(reader, out);
  if (out.client_id.empty()) reader.report_at("client_id", "oauth2 client_id must be configured");
  if (out.token_url.empty()) {
    reader.report_at("token_url", "oauth2 token_url must be configured");
  } else if (auto valid = check_http_url(out.token_url); !valid) {
    reader.report_at("token_url", valid.error().message, valid.error().code);
  }
}

bool is_uuid(std::string_view text) {
  constexpr size_t uuid_length = 36;
  if (text.size() != uuid_length) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) return false;
  }
  return true;
}

void read_uuid(yaml_reader& reader, std::string_view key, std::string_view what, bool is_required, std::string& out) {
  reader.read(key, out);
  if (out.empty() && is_required) {
    reader.report_at(key, fmt::format("must provide an Azure {} {} in the Azure AD config", what, key));
  }
  if (!out.empty() && !is_uuid(out))
    reader.report_at(key, fmt::format("the provided Azure {} {} is invalid", what, key));
}

void read_azure_client(yaml_reader& reader, std::string_view what, http::azure_identity& out) {
  read_uuid(reader, "client_id", what, true, out.client_id);
  reader.read("tenant_id", out.tenant_id);
  if (out.tenant_id.empty()) {
    reader.report_at("tenant_id", fmt::format("must provide an Azure {} tenant_id in the Azure AD config", what));
  }
}

void read_azure_secret(yaml_reader& reader, http::azure_identity& out) {
  read_azure_client(reader, "OAuth", out);
  reader.read("client_secret", out.client_secret.value);
  if (out.client_secret.empty()) {
    reader.report_at("client_secret", "must provide an Azure OAuth client_secret in the Azure AD config");
  }
}

void read_azure_certificate(yaml_reader& reader, http::azure_identity& out) {
  read_azure_client(reader, "certificate", out);
  reader.read_path("certificate_path", out.certificate_file);
  reader.read_path("certificate_key_path", out.certificate_key_file);
  reader.read("certificate_password", out.certificate_password);
  reader.read("send_certificate_chain", out.sends_certificate_chain);
  if (out.certificate_file.empty()) {
    reader.report_at("certificate_path", "must provide an Azure certificate certificate_path in the Azure AD config");
  }
}

void read_azure(yaml_reader& reader, http::azure_identity& out) {
  reader.read("cloud", out.cloud);
  if (!auth::is_azure_cloud(out.cloud)) reader.report_at("cloud", "must provide a cloud in the Azure AD config");
  reader.read("scope", out.scope);
  int methods = 0;
  auto method = [&](std::string_view key, azure_method how, const auto& read) {
    if (!reader.read_map(key, key, read)) return;
    out.how = how;
    ++methods;
  };
  method("managed_identity", azure_method::managed_identity,
         [&](yaml_reader& fields) { read_uuid(fields, "client_id", "Managed Identity", false, out.client_id); });
  method("workload_identity", azure_method::workload_identity, [&](yaml_reader& fields) {
    read_azure_client(fields, "Workload Identity", out);
    fields.read_path("token_file_path", out.token_file);
  });
  method("oauth", azure_method::client_secret, [&](yaml_reader& fields) { read_azure_secret(fields, out); });
  method("certificate", azure_method::client_certificate,
         [&](yaml_reader& fields) { read_azure_certificate(fields, out); });
  method("sdk", azure_method::standard, [&](yaml_reader& fields) { fields.read("tenant_id", out.tenant_id); });
  if (methods == 0) {
    reader.report(
        "must provide an Azure Managed Identity, Azure Workload Identity, Azure OAuth, Azure certificate or Azure SDK "
        "in the Azure AD config");
  }
  if (methods > 1) reader.report("cannot provide multiple authentication methods in the Azure AD config");
}

void read_aws(yaml_reader& reader, http::aws_identity& out) {
  reader.read("region", out.region);
  reader.read("access_key", out.access_key);
  reader.read("secret_key", out.secret_key);
  reader.read("profile", out.profile);
  reader.read("role_arn", out.role_arn);
  reader.read("external_id", out.external_id);
  reader.read("use_fips_sts_endpoint", out.uses_fips_endpoint);
  reader.read("service_name", out.service_name);
  if (out.service_name.empty()) out.service_name = "aps";
  if (out.access_key.empty() != out.secret_key.empty()) {
    reader.report(
        "must provide a AWS SigV4 Access key and Secret Key if credentials are specified in the SigV4 config");
  }
}

bool has_authentication(const http::client_config& client) {
  return client.basic_auth || client.authorization || !std::holds_alternative<std::monostate>(client.identity);
}

struct section_writer {
  yaml_writer& writer;

  void operator()(std::monostate) const {}

  void operator()(const http::oauth2_config& oauth2) const {
    writer.map("oauth2", [&] {
      writer.field("client_id", oauth2.client_id);
      write_secret_field(writer, "client_secret", oauth2.client_secret);
      write_assertion(oauth2);
      writer.optional("scopes", oauth2.scopes);
      writer.field("token_url", oauth2.token_url);
      writer.optional("endpoint_params", oauth2.endpoint_params);
      write_tls_fields(writer, oauth2.tls);
      write_proxy_fields(writer, oauth2.proxy);
    });
  }

  void write_assertion(const http::oauth2_config& oauth2) const {
    if (oauth2.type != http::oauth2_config::grant::jwt_bearer) return;
    writer.field("grant_type", jwt_bearer);
    writer.optional("client_certificate_key_id", oauth2.key_id);
    write_secret_field(writer, "client_certificate_key", oauth2.key);
    writer.field("signature_algorithm", algorithms[static_cast<size_t>(oauth2.algorithm)].first);
    writer.optional("iss", oauth2.issuer);
    writer.optional("audience", oauth2.audience);
    if (oauth2.claims.empty()) return;
    writer.map("claims", [&] {
      for (const auto& [name, value] : oauth2.claims) writer.json(name, value);
    });
  }

  void operator()(const http::azure_identity& azure) const {
    writer.map("azuread", [&] {
      writer.field("cloud", azure.cloud);
      constexpr std::array<std::string_view, 5> keys = {"managed_identity", "workload_identity", "oauth", "certificate",
                                                        "sdk"};
      writer.map(keys[static_cast<size_t>(azure.how)], [&] {
        writer.optional("client_id", azure.client_id);
        writer.optional("tenant_id", azure.tenant_id);
        writer.secret("client_secret", azure.client_secret.value);
        writer.optional("token_file_path", azure.token_file);
        writer.optional("certificate_path", azure.certificate_file);
        writer.optional("certificate_key_path", azure.certificate_key_file);
        writer.secret("certificate_password", azure.certificate_password);
        writer.optional("send_certificate_chain", azure.sends_certificate_chain);
      });
      writer.optional("scope", azure.scope);
    });
  }

  void operator()(const http::google_identity& google) const {
    writer.map("google_iam", [&] { writer.optional("credentials_file", google.credentials_file); });
  }

  void operator()(const http::aws_identity& aws) const {
    writer.map("sigv4", [&] {
      writer.optional("region", aws.region);
      writer.optional("access_key", aws.access_key);
      writer.secret("secret_key", aws.secret_key);
      writer.optional("profile", aws.profile);
      writer.optional("role_arn", aws.role_arn);
      writer.optional("external_id", aws.external_id);
      writer.optional("use_fips_sts_endpoint", aws.uses_fips_endpoint);
      writer.field("service_name", aws.service_name);
    });
  }
};

}  // namespace

void read_oauth2_section(yaml_reader& reader, http::client_config& out) {
  bool is_second = has_authentication(out);
  http::oauth2_config read;
  if (!reader.read_map("oauth2", "oauth2", [&](yaml_reader& fields) { read_oauth2(fields, read); })) return;
  if (is_second) reader.report_at("oauth2", "at most one of basic_auth, oauth2 & authorization must be configured");
  out.identity = std::move(read);
}

void read_cloud_identity_section(yaml_reader& reader, http::client_config& out) {
  auto read = [&](std::string_view key, auto identity, const auto& read_fields) {
    bool is_second = has_authentication(out);
    if (!reader.read_map(key, key, [&](yaml_reader& fields) { read_fields(fields, identity); })) return;
    if (is_second) {
      reader.report_at(
          key, "at most one of basic_auth, authorization, oauth2, sigv4, azuread or google_iam must be configured");
    }
    out.identity = std::move(identity);
  };
  read("sigv4", http::aws_identity{}, read_aws);
  read("azuread", http::azure_identity{}, read_azure);
  read("google_iam", http::google_identity{}, [](yaml_reader& fields, http::google_identity& google) {
    fields.read_path("credentials_file", google.credentials_file);
  });
}

void write_identity_section(yaml_writer& writer, const http::identity& who) { std::visit(section_writer{writer}, who); }

}  // namespace rollcall
