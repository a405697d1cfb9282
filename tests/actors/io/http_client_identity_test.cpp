#include "tests/support/http_client_fixture.hpp"
#include "tests/support/scratch_directory.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <string>

using namespace rollcall;
using http::failure;
using test::http_client_fixture;
using test::tcp_connection;
using test::tcp_server;

namespace {

http::client_config with_token_of(const tcp_server& server) {
  http::oauth2_config oauth2;
  oauth2.client_id = "me";
  oauth2.client_secret.value = "s";
  oauth2.token_url = server.url("/token");
  http::client_config client;
  client.identity = oauth2;
  return client;
}

tcp_server::script gives_token() {
  return tcp_server::always(
      tcp_server::response(R"({"access_token":"t","expires_in":3600})", "Content-Type: application/json\r\n"));
}

/// Settings whose plugin gives the token that stands in a file.
http::client_config with_token_in(const std::string& file) {
  http::exec_plugin plugin;
  plugin.api_version = "client.authentication.k8s.io/v1";
  plugin.command = "sh";
  plugin.arguments = {"-c",
                      R"(echo '{"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1",)"
                      R"( "status": {"token": "'$(cat "$0")'"}}')",
                      file};
  http::client_config client;
  client.plugin = plugin;
  return client;
}

void write(const std::string& file, const std::string& text) { std::ofstream(file) << text; }

}  // namespace

TEST_CASE("a request whose plugin gives the token brings it, and another once that is refused") {
  test::scratch_directory directory;
  const auto file = directory.path() + "/token";
  tcp_server target([](tcp_connection& connection) {
    for (auto request = connection.read_request(); !request.empty(); request = connection.read_request()) {
      const bool is_known = request.find("\r\nAuthorization: Bearer second\r\n") != std::string::npos;
      connection.write(is_known ? tcp_server::response("arrived")
                                : tcp_server::response("who", "", "401 Unauthorized"));
    }
  });
  http_client_fixture fixture;
  auto order = fixture.get(target.url(), with_token_in(file));
  write(file, "first");
  CHECK(fixture.perform(order).status == 401);
  write(file, "second");
  CHECK(fixture.perform(order).body == "arrived");
  write(file, "third");
  CHECK(fixture.perform(order).body == "arrived");
}

TEST_CASE("a plugin that fails fails the request with its words") {
  tcp_server target(tcp_server::always(tcp_server::response("arrived")));
  http_client_fixture fixture;
  auto settings = with_token_in("/nowhere/token");
  settings.plugin->arguments = {"-c", "echo no luck >&2; exit 1"};
  auto response = fixture.perform(fixture.get(target.url(), settings));
  CHECK(response.failure == failure::credentials);
  CHECK(response.error ==
        "Get \"" + target.url() + "\": credential plugin \"sh\": it ended with status 1: \"no luck\\n\"");
  CHECK(target.requests().empty());
}

TEST_CASE("a request that needs a token gets one and brings it") {
  tcp_server tokens(gives_token());
  tcp_server target(tcp_server::always(tcp_server::response("arrived")));
  http_client_fixture fixture;
  auto order = fixture.get(target.url(), with_token_of(tokens));
  CHECK(fixture.perform(order).body == "arrived");
  CHECK(fixture.perform(order).body == "arrived");
  REQUIRE(tokens.requests().size() == 1);
  CHECK(tokens.requests()[0].starts_with("POST /token "));
  REQUIRE(target.requests().size() == 2);
  CHECK(target.requests()[1].find("\r\nAuthorization: Bearer t\r\n") != std::string::npos);
}

TEST_CASE("a token goes to the host that it is meant for and to no other") {
  tcp_server tokens(gives_token());
  tcp_server other(tcp_server::always(tcp_server::response("arrived")));
  tcp_server target(tcp_server::always(tcp_server::response(
      "", "Location: http://localhost:" + std::to_string(other.port()) + "/elsewhere\r\n", "302 Found")));
  http_client_fixture fixture;
  CHECK(fixture.perform(fixture.get(target.url(), with_token_of(tokens))).body == "arrived");
  CHECK(target.requests()[0].find("Authorization") != std::string::npos);
  CHECK(other.requests()[0].find("Authorization") == std::string::npos);
}

TEST_CASE("a token server that is down fails the request with its words") {
  tcp_server tokens(tcp_server::always(tcp_server::response("closed", "", "503 Service Unavailable")));
  tcp_server target(tcp_server::always(tcp_server::response("arrived")));
  http_client_fixture fixture;
  auto response = fixture.perform(fixture.get(target.url(), with_token_of(tokens)));
  CHECK(response.failure == failure::credentials);
  CHECK(response.error == "Get \"" + target.url() + "\": cannot fetch token: status 503: \"closed\"");
  CHECK(target.requests().empty());
}
