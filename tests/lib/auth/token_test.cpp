#include "tests/lib/auth/auth_fixture.hpp"

using namespace rollcall;
using namespace rollcall::test;

namespace {

http::oauth2_config client_credentials() {
  http::oauth2_config config;
  config.client_id = "the client";
  config.client_secret.value = "s&cret";
  config.scopes = {"read", "write"};
  config.token_url = "https://token.example/get";
  config.endpoint_params = {{"audience", "https://api.example"}};
  return config;
}

auth::token_request requested(const http::identity& who, auth::client_naming naming = auth::client_naming::in_header,
                              std::map<std::string, std::string> environment = {}) {
  auto made = auth::make_token_request(who, naming, noon, variables(std::move(environment)));
  REQUIRE(made);
  return *made;
}

}  // namespace

TEST_CASE("a client names itself to the token server in the header first") {
  auto made = requested(client_credentials());
  CHECK(made.method == "POST");
  CHECK(made.url == "https://token.example/get");
  CHECK(made.body == "grant_type=client_credentials&scope=read%20write&audience=https%3A%2F%2Fapi.example");
  CHECK(header_of(made, "Content-Type") == "application/x-www-form-urlencoded");
  CHECK(header_of(made, "Authorization") == "Basic dGhlJTIwY2xpZW50OnMlMjZjcmV0");
}

TEST_CASE("a client can name itself in the body") {
  auto made = requested(client_credentials(), auth::client_naming::in_body);
  CHECK(form_field(made.body, "client_id") == "the client");
  CHECK(form_field(made.body, "client_secret") == "s&cret");
  CHECK(header_of(made, "Authorization").empty());
}

TEST_CASE("a secret is read from its file whenever a token is asked for") {
  temporary_file file("first\n");
  auto config = client_credentials();
  config.client_secret = {"", file.path()};
  CHECK(form_field(requested(config, auth::client_naming::in_body).body, "client_secret") == "first");
  std::ofstream(file.path()) << "second\n";
  CHECK(form_field(requested(config, auth::client_naming::in_body).body, "client_secret") == "second");
}

TEST_CASE("a secret whose file is gone is an error that names the file") {
  auto config = client_credentials();
  config.client_secret = {"", "/no/such/file"};
  auto made = auth::make_token_request(config, auth::client_naming::in_body, noon, variables());
  REQUIRE_FALSE(made);
  CHECK(made.error().code == errc::io);
  CHECK(made.error().message == "unable to read the client secret: open /no/such/file: No such file or directory");
}

TEST_CASE("an assertion is signed by the client's key and holds what the configuration says") {
  auto config = client_credentials();
  config.type = http::oauth2_config::grant::jwt_bearer;
  config.key.value = rsa_identity::get().key_pem();
  config.key_id = "k1";
  config.algorithm = http::jwt_algorithm::rs384;
  config.claims = {{"level", "3"}, {"office", "\"north\""}};
  auto made = requested(config);
  CHECK(form_field(made.body, "grant_type") == "urn:ietf:params:oauth:grant-type:jwt-bearer");
  auto [header, claims] = checked_token(form_field(made.body, "assertion"), EVP_sha384());
  CHECK(header == json::parse(R"({"alg":"RS384","typ":"JWT","kid":"k1"})"));
  CHECK(claims == json::parse(R"({"iss":"the client","sub":"the client","aud":"https://token.example/get",
      "iat":1700000000,"exp":1700003600,"scope":"read write","level":3,"office":"north"})"));
}

TEST_CASE("what is no RSA key cannot sign") {
  auto config = client_credentials();
  config.type = http::oauth2_config::grant::jwt_bearer;
  config.key.value = "no key";
  auto made = auth::make_token_request(config, auth::client_naming::in_header, noon, variables());
  REQUIRE_FALSE(made);
  CHECK(made.error().code == errc::invalid_argument);
}

TEST_CASE("a token is read from JSON, whether its lifetime is a number or text") {
  auto number = auth::read_token(answer(R"({"access_token":"abc","token_type":"bearer","expires_in":3600})"));
  REQUIRE(number);
  CHECK(number->header_value() == "Bearer abc");
  CHECK(number->lifetime == std::chrono::seconds(3600));
  auto text = auth::read_token(answer(R"({"access_token":"abc","expires_in":"59"})"));
  REQUIRE(text);
  CHECK(text->lifetime == std::chrono::seconds(59));
  auto neither = auth::read_token(answer(R"({"access_token":"abc","token_type":"Own"})"));
  REQUIRE(neither);
  CHECK(neither->header_value() == "Own abc");
  CHECK_FALSE(neither->lifetime);
}

TEST_CASE("a token is read from a form") {
  auto read = auth::read_token(
      answer("access_token=a%2Bb+c&token_type=bearer&expires_in=10", 200, "application/x-www-form-urlencoded"));
  REQUIRE(read);
  CHECK(read->header_value() == "Bearer a+b c");
  CHECK(read->lifetime == std::chrono::seconds(10));
}

TEST_CASE("what is no token is refused with the server's words") {
  auto message = [](const http::response& response) {
    auto read = auth::read_token(response);
    REQUIRE_FALSE(read);
    return read.error().message;
  };
  CHECK(message(answer(R"({"error":"invalid_client","error_description":"who?"})", 401)) ==
        "cannot fetch token: status 401: invalid_client: who?");
  CHECK(message(answer("<html>", 502)) == "cannot fetch token: status 502: \"<html>\"");
  CHECK(message(answer("[]")) == "cannot parse the token server's answer: it is no JSON object");
  CHECK(message(answer(R"({"token":"abc"})")) == "the token server's answer has no access_token");
  CHECK(message(answer(R"({"access_token":"a\r\nX: y"})")) == "the token server's answer holds a control character");
}

TEST_CASE("a machine in Azure asks its metadata service") {
  http::azure_identity who;
  who.how = http::azure_identity::method::managed_identity;
  who.client_id = "c1";
  auto made = requested(who);
  CHECK(made.method == "GET");
  CHECK(made.url ==
        "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01"
        "&resource=https%3A%2F%2Fmonitor.azure.com%2F&client_id=c1");
  CHECK(header_of(made, "Metadata") == "true");
}

TEST_CASE("a client in Azure asks the authority of its cloud") {
  http::azure_identity who;
  who.how = http::azure_identity::method::client_secret;
  who.cloud = "AzureChina";
  who.client_id = "c1";
  who.tenant_id = "t1";
  who.client_secret.value = "s";
  auto made = requested(who);
  CHECK(made.url == "https://login.chinacloudapi.cn/t1/oauth2/v2.0/token");
  CHECK(form_field(made.body, "scope") == "https://monitor.azure.cn//.default");
  CHECK(form_field(made.body, "client_secret") == "s");
}

TEST_CASE("a client in Azure signs with its certificate") {
  temporary_file certificate(rsa_identity::get().certificate_pem() + rsa_identity::get().key_pem());
  http::azure_identity who;
  who.how = http::azure_identity::method::client_certificate;
  who.client_id = "c1";
  who.tenant_id = "t1";
  who.certificate_file = certificate.path();
  who.sends_certificate_chain = true;
  auto [header, claims] = checked_token(form_field(requested(who).body, "client_assertion"));
  CHECK(header["alg"] == "RS256");
  CHECK(decoded_base64url(header["x5t"]).size() == 20);
  CHECK(header["x5c"].size() == 1);
  CHECK(claims["aud"] == "https://login.microsoftonline.com/t1/oauth2/v2.0/token");
  CHECK(claims["sub"] == "c1");
}

TEST_CASE("the key of a client in Azure may have a password, in a file of PEM or of PKCS #12") {
  const auto& identity = rsa_identity::get();
  temporary_file in_one(identity.certificate_pem() + identity.key_pem("open sesame"));
  temporary_file certificate(identity.certificate_pem());
  temporary_file key(identity.key_pem("open sesame"));
  temporary_file pkcs12(identity.pkcs12("open sesame"));
  const std::vector<std::pair<std::string, std::string>> files = {
      {in_one.path(), ""}, {certificate.path(), key.path()}, {pkcs12.path(), ""}};
  for (const auto& [file, key_file] : files) {
    http::azure_identity who;
    who.how = http::azure_identity::method::client_certificate;
    who.certificate_file = file;
    who.certificate_key_file = key_file;
    who.certificate_password = "open sesame";
    auto [header, claims] = checked_token(form_field(requested(who).body, "client_assertion"));
    CHECK(decoded_base64url(header["x5t"]).size() == 20);
    for (const char* wrong : {"", "open"}) {
      who.certificate_password = wrong;
      CHECK_FALSE(auth::make_token_request(who, auth::client_naming::in_header, noon, variables()));
    }
  }
}

TEST_CASE("the standard way into Azure is the first that the environment has everything for") {
  temporary_file federated("federated-token\n");
  http::azure_identity who;
  CHECK(requested(who).method == "GET");
  std::map<std::string, std::string> workload = {
      {"AZURE_TENANT_ID", "t2"}, {"AZURE_CLIENT_ID", "c2"}, {"AZURE_FEDERATED_TOKEN_FILE", federated.path()}};
  auto made = requested(who, auth::client_naming::in_header, workload);
  CHECK(form_field(made.body, "client_assertion") == "federated-token");
  workload["AZURE_CLIENT_SECRET"] = "s2";
  CHECK(form_field(requested(who, auth::client_naming::in_header, workload).body, "client_secret") == "s2");
}

TEST_CASE("a Google service account signs with the key of its file") {
  json account = {{"type", "service_account"},
                  {"client_email", "me@project.iam"},
                  {"private_key_id", "k9"},
                  {"private_key", rsa_identity::get().key_pem()},
                  {"token_uri", "https://oauth2.example/token"}};
  temporary_file file(account.dump());
  auto made = requested(http::google_identity{file.path()});
  CHECK(made.url == "https://oauth2.example/token");
  auto [header, claims] = checked_token(form_field(made.body, "assertion"));
  CHECK(header["kid"] == "k9");
  CHECK(claims["iss"] == "me@project.iam");
  CHECK(claims["scope"] == "https://www.googleapis.com/auth/monitoring.write");
}

TEST_CASE("a machine at Google asks its metadata server when there is no file") {
  auto made = requested(http::google_identity{}, auth::client_naming::in_header, {{"HOME", "/nowhere"}});
  CHECK(made.method == "GET");
  CHECK(made.url.starts_with("http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/"));
  CHECK(header_of(made, "Metadata-Flavor") == "Google");
}

TEST_CASE("Google credentials of another kind are refused by name") {
  temporary_file file(R"({"type":"external_account"})");
  auto made =
      auth::make_token_request(http::google_identity{file.path()}, auth::client_naming::in_body, noon, variables());
  REQUIRE_FALSE(made);
  CHECK(made.error().message == file.path() + ": credentials of type \"external_account\" are not supported");
}
