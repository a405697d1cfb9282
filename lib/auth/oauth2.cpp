#include "lib/auth/oauth2.hpp"

#include "lib/auth/digest.hpp"
#include "lib/http/authorization.hpp"
#include "lib/http/base64.hpp"
#include "lib/http/percent_encode.hpp"

#include <nlohmann/json.hpp>

namespace rollcall::auth {

namespace {

constexpr std::chrono::hours assertion_lifetime{1};

std::string joined(const std::vector<std::string>& scopes) {
  std::string out;
  for (const auto& scope : scopes) out += (out.empty() ? "" : " ") + scope;
  return out;
}

result<std::string> assertion(const http::oauth2_config& config, time_point now) {
  auto key = http::read_secret(config.key);
  if (!key) return fail("unable to read the client certificate key", key.error());
  auto issued = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  const auto& issuer = config.issuer.empty() ? config.client_id : config.issuer;
  nlohmann::json claims = {{"iss", issuer},
                           {"sub", config.client_id},
                           {"aud", config.audience.empty() ? config.token_url : config.audience},
                           {"iat", issued.count()},
                           {"exp", (issued + assertion_lifetime).count()}};
  if (!config.scopes.empty()) claims["scope"] = joined(config.scopes);
  for (const auto& [name, value] : config.claims) claims[name] = nlohmann::json::parse(value);
  nlohmann::json header = {{"alg", to_string(config.algorithm)}, {"typ", "JWT"}};
  if (!config.key_id.empty()) header["kid"] = config.key_id;
  return signed_token(header.dump(), claims.dump(), {*key}, config.algorithm);
}

void add_parameters(form& fields, const http::oauth2_config& config) {
  for (const auto& [name, value] : config.endpoint_params) fields.emplace_back(name, value);
}

result<token_request> with_client_secret(const http::oauth2_config& config, client_naming naming) {
  auto secret = http::read_secret(config.client_secret);
  if (!secret) return fail("unable to read the client secret", secret.error());
  form fields = {{"grant_type", "client_credentials"}};
  if (!config.scopes.empty()) fields.emplace_back("scope", joined(config.scopes));
  add_parameters(fields, config);
  if (naming == client_naming::in_body) {
    fields.emplace_back("client_id", config.client_id);
    if (!secret->empty()) fields.emplace_back("client_secret", *secret);
  }
  auto made = form_request(config.token_url, fields);
  if (naming == client_naming::in_header) {
    std::string named = http::encode_component(config.client_id) + ':' + http::encode_component(*secret);
    made.headers.push_back({"Authorization", "Basic " + http::base64(named)});
  }
  return made;
}

result<token_request> with_assertion(const http::oauth2_config& config, time_point now) {
  auto signed_text = assertion(config, now);
  if (!signed_text) return tl::unexpected(std::move(signed_text.error()));
  form fields = {{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"}, {"assertion", *signed_text}};
  add_parameters(fields, config);
  return form_request(config.token_url, fields);
}

}  // namespace

result<token_request> oauth2_token_request(const http::oauth2_config& config, client_naming naming, time_point now) {
  bool signs = config.type == http::oauth2_config::grant::jwt_bearer;
  auto made = signs ? with_assertion(config, now) : with_client_secret(config, naming);
  if (made) {
    made->tls = config.tls;
    made->proxy = config.proxy;
  }
  return made;
}

}  // namespace rollcall::auth
