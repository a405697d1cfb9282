#include "tests/support/http_client_fixture.hpp"

#include <catch2/catch.hpp>

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

}  // namespace

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
