#include "lib/auth/google.hpp"

#include "lib/auth/oauth2.hpp"
#include "lib/http/authorization.hpp"
#include "lib/http/percent_encode.hpp"

#include <nlohmann/json.hpp>

namespace rollcall::auth {

namespace {

constexpr std::string_view write_scope = "https://www.googleapis.com/auth/monitoring.write";
constexpr std::string_view user_token_url = "https://oauth2.googleapis.com/token";
constexpr std::string_view metadata_token_path = "/computeMetadata/v1/instance/service-accounts/default/token";

token_request metadata_request(const environment& variables) {
  std::string host = variables("GCE_METADATA_HOST");
  token_request made;
  made.method = "GET";
  made.url = "http://" + (host.empty() ? "metadata.google.internal" : host) + std::string(metadata_token_path) +
             http::encode_query({{"scopes", std::string(write_scope)}});
  made.headers = {{"Metadata-Flavor", "Google"}};
  return made;
}

result<token_request> from_file(const std::string& file, time_point now) {
  auto text = http::read_small_file(file);
  if (!text) return tl::unexpected(std::move(text.error()));
  auto credentials = nlohmann::json::parse(*text, nullptr, false);
  if (!credentials.is_object()) return fail(errc::syntax, file + " is no JSON object");
  auto field = [&](const char* key) {
    auto found = credentials.find(key);
    return found != credentials.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const std::string type = field("type");
  if (type == "service_account") {
    http::oauth2_config signed_grant;
    signed_grant.type = http::oauth2_config::grant::jwt_bearer;
    signed_grant.client_id = field("client_email");
    signed_grant.key_id = field("private_key_id");
    signed_grant.key.value = field("private_key");
    signed_grant.token_url = field("token_uri");
    signed_grant.scopes = {std::string(write_scope)};
    if (signed_grant.token_url.empty()) signed_grant.token_url = user_token_url;
    auto made = oauth2_token_request(signed_grant, client_naming::in_body, now);
    if (!made) return fail(file, made.error());
    return made;
  }
  if (type == "authorized_user") {
    return form_request(std::string(user_token_url), {{"grant_type", "refresh_token"},
                                                      {"client_id", field("client_id")},
                                                      {"client_secret", field("client_secret")},
                                                      {"refresh_token", field("refresh_token")}});
  }
  return fail(errc::unsupported, file + ": credentials of type \"" + type + "\" are not supported");
}

}  // namespace

result<token_request> google_token_request(const http::google_identity& who, time_point now,
                                           const environment& variables) {
  if (!who.credentials_file.empty()) return from_file(who.credentials_file, now);
  if (auto named = variables("GOOGLE_APPLICATION_CREDENTIALS"); !named.empty()) return from_file(named, now);
  if (auto home = variables("HOME"); !home.empty()) {
    auto found = from_file(home + "/.config/gcloud/application_default_credentials.json", now);
    if (found || found.error().code != errc::io) return found;
  }
  return metadata_request(variables);
}

}  // namespace rollcall::auth
