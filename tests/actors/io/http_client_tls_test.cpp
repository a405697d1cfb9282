#include "tests/support/http_client_fixture.hpp"
#include "tests/support/tls_server.hpp"

#include <catch2/catch.hpp>
#include <openssl/ssl.h>

#include <filesystem>
#include <string>

using namespace rollcall;
using http::failure;
using http::tls_version;
using test::http_client_fixture;
using test::test_authority;
using test::tls_server;

namespace {

struct tls_fixture : http_client_fixture {
  test_authority authority;
  test_authority::identity local = authority.issue("server", "DNS:localhost,IP:127.0.0.1");

  http::client_config trusting() const {
    http::client_config client;
    client.tls.ca_file = authority.ca_file();
    return client;
  }
};

}  // namespace

TEST_CASE_METHOD(tls_fixture, "a server with a certificate of a known authority is trusted") {
  tls_server server({local.cert_file, local.key_file, "", 0});
  auto client = trusting();
  SECTION("from a file") {}
  SECTION("given inline") {
    client.tls.ca = test_authority::content(client.tls.ca_file);
    client.tls.ca_file.clear();
  }
  auto first = perform(get(server.url("localhost"), client));
  CHECK(first.error.empty());
  CHECK(first.body == "secure");
  CHECK(perform(get(server.url("localhost"), client)).connection_reused);
  REQUIRE(server.visits().size() == 1);
  CHECK(server.visits()[0].server_name == "localhost");
  CHECK(server.visits()[0].version == "TLSv1.3");
}

TEST_CASE_METHOD(tls_fixture, "an unknown authority is not trusted") {
  tls_server server({local.cert_file, local.key_file, "", 0});
  test_authority other;
  http::client_config client;
  client.tls.ca_file = other.ca_file();
  auto response = perform(get(server.url("localhost"), client));
  CHECK(response.failure == failure::transport);
  CHECK(response.error.starts_with("Get \"" + server.url("localhost") + "\": tls: failed to verify certificate: "));
  CHECK(perform(get(server.url("localhost"), http::client_config())).failure == failure::transport);
  for (const auto& visit : server.visits()) CHECK(visit.requests.empty());
}

TEST_CASE_METHOD(tls_fixture, "a certificate for another name is not trusted") {
  auto elsewhere = authority.issue("elsewhere", "DNS:elsewhere.example");
  tls_server server({elsewhere.cert_file, elsewhere.key_file, "", 0});
  CHECK(perform(get(server.url("localhost"), trusting())).failure == failure::transport);
}

TEST_CASE_METHOD(tls_fixture, "verification can be switched off") {
  tls_server server({local.cert_file, local.key_file, "", 0});
  http::client_config client;
  client.tls.insecure_skip_verify = true;
  CHECK(perform(get(server.url("localhost"), client)).body == "secure");
  // A connection that was not verified is none for those who verify.
  CHECK(perform(get(server.url("localhost"), http::client_config())).failure == failure::transport);
}

TEST_CASE_METHOD(tls_fixture, "server_name is asked for and verified while the host stays the URL's") {
  auto named = authority.issue("named", "DNS:metrics.example");
  tls_server server({named.cert_file, named.key_file, "", 0});
  auto client = trusting();
  client.tls.server_name = "metrics.example";
  auto response = perform(get(server.url("127.0.0.1"), client));
  CHECK(response.error.empty());
  CHECK(response.body == "secure");
  CHECK(perform(get(server.url("127.0.0.1"), client)).connection_reused);
  REQUIRE(server.visits().size() == 1);
  CHECK(server.visits()[0].server_name == "metrics.example");
  CHECK(server.visits()[0].requests.at(0).find("\r\nHost: 127.0.0.1:" + std::to_string(server.port()) + "\r\n") !=
        std::string::npos);
  client.tls.server_name = "other.example";
  CHECK(perform(get(server.url("127.0.0.1"), client)).failure == failure::transport);
}

TEST_CASE_METHOD(tls_fixture, "two hosts with one server_name are told apart") {
  auto named = authority.issue("named", "DNS:metrics.example");
  tls_server one({named.cert_file, named.key_file, "", 0});
  tls_server two({named.cert_file, named.key_file, "", 0});
  auto client = trusting();
  client.tls.server_name = "metrics.example";
  for (int i = 0; i < 2; ++i) {
    CHECK(perform(get(one.url("127.0.0.1"), client)).body == "secure");
    CHECK(perform(get(two.url("127.0.0.1"), client)).body == "secure");
  }
  CHECK(one.visits().size() == 1);
  CHECK(two.visits().size() == 1);
}

TEST_CASE_METHOD(tls_fixture, "a client certificate is shown where one is asked for") {
  tls_server server({local.cert_file, local.key_file, authority.ca_file(), 0});
  auto me = authority.issue("collector", "DNS:collector");
  auto client = trusting();
  CHECK(perform(get(server.url("localhost"), client)).failure == failure::transport);
  SECTION("from files") {
    client.tls.cert_file = me.cert_file;
    client.tls.key.file = me.key_file;
  }
  SECTION("given inline") {
    client.tls.cert = test_authority::content(me.cert_file);
    client.tls.key.value = test_authority::content(me.key_file);
  }
  auto response = perform(get(server.url("localhost"), client));
  CHECK(response.error.empty());
  CHECK(response.body == "secure");
  CHECK(server.visits().back().client == "collector");
}

TEST_CASE_METHOD(tls_fixture, "a certificate that changes on disk is shown from the next request on") {
  tls_server server({local.cert_file, local.key_file, authority.ca_file(), 0});
  auto before = authority.issue("before", "DNS:before");
  auto after = authority.issue("after", "DNS:after");
  auto client = trusting();
  client.tls.cert_file = before.cert_file;
  client.tls.key.file = before.key_file;
  auto order = get(server.url("localhost"), client);
  CHECK(perform(order).body == "secure");
  CHECK(perform(order).connection_reused);
  using std::filesystem::copy_options;
  std::filesystem::copy_file(after.cert_file, before.cert_file, copy_options::overwrite_existing);
  std::filesystem::copy_file(after.key_file, before.key_file, copy_options::overwrite_existing);
  CHECK_FALSE(perform(order).connection_reused);
  REQUIRE(server.visits().size() == 2);
  CHECK(server.visits()[0].client == "before");
  CHECK(server.visits()[1].client == "after");
}

TEST_CASE_METHOD(tls_fixture, "files that cannot be read are a matter of credentials") {
  tls_server server({local.cert_file, local.key_file, "", 0});
  http::client_config client;
  client.tls.ca_file = authority.directory() + "/missing";
  auto response = perform(get(server.url("localhost"), client));
  CHECK(response.failure == failure::credentials);
  CHECK(response.error == "Get \"" + server.url("localhost") + "\": unable to use specified CA cert: open " +
                              client.tls.ca_file + ": No such file or directory");
  CHECK(server.visits().empty());
}

TEST_CASE_METHOD(tls_fixture, "versions are bounded from below and above") {
  tls_server old({local.cert_file, local.key_file, "", TLS1_2_VERSION});
  tls_server current({local.cert_file, local.key_file, "", 0});
  auto client = trusting();
  CHECK(perform(get(old.url("localhost"), client)).body == "secure");
  client.tls.version_min = tls_version::tls13;
  CHECK(perform(get(old.url("localhost"), client)).failure == failure::transport);
  client.tls.version_min = tls_version::unset;
  client.tls.version_max = tls_version::tls12;
  CHECK(perform(get(current.url("localhost"), client)).body == "secure");
  CHECK(current.visits().back().version == "TLSv1.2");
}

TEST_CASE_METHOD(tls_fixture, "HTTP/2 is offered unless it is switched off") {
  tls_server server({local.cert_file, local.key_file, "", 0});
  auto client = trusting();
  CHECK(perform(get(server.url("localhost"), client)).body == "secure");
  CHECK(server.visits().back().protocols == "\x02h2\x08http/1.1");
  client.enable_http2 = false;
  client.tls.version_max = tls_version::tls13;
  CHECK(perform(get(server.url("127.0.0.1"), client)).body == "secure");
  CHECK(server.visits().back().protocols == "\x08http/1.1");
}

TEST_CASE_METHOD(tls_fixture, "a plain server behind an https URL is a failure") {
  test::tcp_server server([](test::tcp_connection& connection) {
    connection.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    connection.wait_for_close();
  });
  auto response = perform(get("https://localhost:" + std::to_string(server.port()) + "/", trusting()));
  CHECK(response.failure == failure::transport);
  CHECK(response.error.find("tls: ") != std::string::npos);
}
