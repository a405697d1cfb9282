#include "lib/auth/azure.hpp"

#include "lib/auth/digest.hpp"
#include "lib/base/assert.hpp"
#include "lib/http/authorization.hpp"
#include "lib/http/base64.hpp"
#include "lib/http/percent_encode.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace rollcall::auth {

namespace {

using method = http::azure_identity::method;

struct cloud {
  std::string_view name;
  std::string_view authority;
  std::string_view scope;
};

constexpr std::array<cloud, 3> clouds = {
    {{"AzurePublic", "https://login.microsoftonline.com/", "https://monitor.azure.com//.default"},
     {"AzureChina", "https://login.chinacloudapi.cn/", "https://monitor.azure.cn//.default"},
     {"AzureGovernment", "https://login.microsoftonline.us/", "https://monitor.azure.us//.default"}}};

constexpr std::string_view metadata_url = "http://169.254.169.254/metadata/identity/oauth2/token";
constexpr std::string_view metadata_version = "2018-02-01";
constexpr std::string_view workload_token_file = "/var/run/secrets/azure/tokens/azure-identity-token";
constexpr std::string_view pem_begin = "-----BEGIN ";
constexpr std::string_view default_suffix = "/.default";
constexpr std::chrono::minutes assertion_lifetime{10};

const cloud& cloud_of(const http::azure_identity& who) {
  auto found = std::find_if(clouds.begin(), clouds.end(), [&](const cloud& one) { return one.name == who.cloud; });
  ROLLCALL_ASSERT(found != clouds.end());
  return *found;
}

std::string scope_of(const http::azure_identity& who) {
  return who.scope.empty() ? std::string(cloud_of(who).scope) : who.scope;
}

std::string token_url(const http::azure_identity& who) {
  return std::string(cloud_of(who).authority) + http::encode_component(who.tenant_id) + "/oauth2/v2.0/token";
}

token_request client_request(const http::azure_identity& who, form credentials) {
  form fields = {{"grant_type", "client_credentials"}, {"client_id", who.client_id}, {"scope", scope_of(who)}};
  for (auto& one : credentials) fields.push_back(std::move(one));
  return form_request(token_url(who), fields);
}

form asserted(std::string assertion) {
  return {{"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
          {"client_assertion", std::move(assertion)}};
}

token_request metadata_request(const http::azure_identity& who) {
  std::string resource = scope_of(who);
  if (resource.ends_with(default_suffix)) resource.resize(resource.size() - default_suffix.size());
  form fields = {{"api-version", std::string(metadata_version)}, {"resource", resource}};
  if (!who.client_id.empty()) fields.emplace_back("client_id", who.client_id);
  token_request made;
  made.method = "GET";
  made.url = std::string(metadata_url) + http::encode_query(fields);
  made.headers = {{"Metadata", "true"}};
  return made;
}

result<token_request> secret_request(const http::azure_identity& who) {
  auto secret = http::read_secret(who.client_secret);
  if (!secret) return fail("unable to read the client secret", secret.error());
  return client_request(who, {{"client_secret", *secret}});
}

result<token_request> workload_request(const http::azure_identity& who) {
  const std::string file = who.token_file.empty() ? std::string(workload_token_file) : who.token_file;
  auto federated = http::read_secret({"", file});
  if (!federated) return fail("unable to read the workload's token", federated.error());
  return client_request(who, asserted(*federated));
}

// The certificates, and the key if the file has it.
result<private_key> read_certificate_file(const http::azure_identity& who) {
  auto bytes = http::read_small_file(who.certificate_file);
  if (!bytes) return fail("unable to read the client certificate", bytes.error());
  if (bytes->find(pem_begin) != std::string::npos) return private_key{std::move(*bytes), who.certificate_password};
  auto pem = pem_of_pkcs12(*bytes, who.certificate_password);
  if (!pem) return fail(who.certificate_file, pem.error());
  return private_key{std::move(*pem), {}};
}

result<private_key> read_key_file(const http::azure_identity& who) {
  auto pem = http::read_small_file(who.certificate_key_file);
  if (!pem) return fail("unable to read the key of the client certificate", pem.error());
  return private_key{std::move(*pem), who.certificate_password};
}

result<token_request> certificate_request(const http::azure_identity& who, time_point now) {
  auto file = read_certificate_file(who);
  if (!file) return tl::unexpected(std::move(file.error()));
  auto key = who.certificate_key_file.empty() ? file : read_key_file(who);
  if (!key) return tl::unexpected(std::move(key.error()));
  auto certificates = certificates_of(file->pem);
  if (!certificates) return fail(who.certificate_file, certificates.error());
  nlohmann::json header = {{"alg", "RS256"}, {"typ", "JWT"}, {"x5t", http::base64url(sha1(certificates->front()))}};
  if (who.sends_certificate_chain) {
    for (const auto& one : *certificates) header["x5c"].push_back(http::base64(one));
  }
  auto issued = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  nlohmann::json claims = {{"aud", token_url(who)},
                           {"iss", who.client_id},
                           {"sub", who.client_id},
                           {"nbf", issued.count()},
                           {"exp", (issued + assertion_lifetime).count()}};
  // No two assertions have the same time and the same contents but by being the same.
  claims["jti"] = hex(sha256(claims.dump())).substr(0, 32);
  auto assertion = signed_token(header.dump(), claims.dump(), *key, http::jwt_algorithm::rs256);
  if (!assertion) return tl::unexpected(std::move(assertion.error()));
  return client_request(who, asserted(*assertion));
}

http::azure_identity standard_identity(http::azure_identity who, const environment& variables) {
  auto fill = [&](std::string& field, const char* variable) {
    if (field.empty()) field = variables(variable);
  };
  fill(who.tenant_id, "AZURE_TENANT_ID");
  fill(who.client_id, "AZURE_CLIENT_ID");
  fill(who.client_secret.value, "AZURE_CLIENT_SECRET");
  fill(who.token_file, "AZURE_FEDERATED_TOKEN_FILE");
  if (!who.client_secret.empty() && !who.tenant_id.empty() && !who.client_id.empty()) {
    who.how = method::client_secret;
  } else if (!who.token_file.empty() && !who.tenant_id.empty() && !who.client_id.empty()) {
    who.how = method::workload_identity;
  } else {
    who.how = method::managed_identity;
  }
  return who;
}

}  // namespace

bool is_azure_cloud(std::string_view name) {
  return std::any_of(clouds.begin(), clouds.end(), [&](const cloud& one) { return one.name == name; });
}

result<token_request> azure_token_request(const http::azure_identity& who, time_point now,
                                          const environment& variables) {
  switch (who.how) {
    case method::managed_identity:
      return metadata_request(who);
    case method::workload_identity:
      return workload_request(who);
    case method::client_secret:
      return secret_request(who);
    case method::client_certificate:
      return certificate_request(who, now);
    case method::standard:
      break;
  }
  return azure_token_request(standard_identity(who, variables), now, variables);
}

}  // namespace rollcall::auth
