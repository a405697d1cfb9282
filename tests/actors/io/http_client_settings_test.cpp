#include "tests/support/http_client_fixture.hpp"
#include "tests/support/tls_server.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

using namespace rollcall;
using http::failure;
using test::http_client_fixture;
using test::tcp_connection;
using test::tcp_server;

namespace {

bool has_line(const std::string& request, const std::string& line) {
  return request.find("\r\n" + line + "\r\n") != std::string::npos;
}

struct temporary_file {
  temporary_file() {
    char name[] = "/tmp/rollcall-secret-XXXXXX";
    close(mkstemp(name));
    path = name;
  }
  ~temporary_file() { std::filesystem::remove(path); }
  void write(const std::string& text) const { std::ofstream(path) << text; }
  std::string path;
};

}  // namespace

TEST_CASE("requests authenticate as their settings say") {
  tcp_server server(tcp_server::always(tcp_server::response("")));
  http_client_fixture fixture;
  http::client_config basic, bearer;
  basic.basic_auth = http::basic_auth{{"Aladdin", ""}, {"open sesame", ""}};
  bearer.authorization = http::authorization{"Token", {"abc", ""}};
  fixture.perform(fixture.get(server.url(), basic));
  fixture.perform(fixture.get(server.url(), bearer));
  fixture.perform(server.url());
  CHECK(has_line(server.requests()[0], "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
  CHECK(has_line(server.requests()[1], "Authorization: Token abc"));
  CHECK(server.requests()[2].find("Authorization") == std::string::npos);
}

TEST_CASE("user and password in a URL are sent as basic authentication") {
  tcp_server server(tcp_server::always(tcp_server::response("")));
  http_client_fixture fixture;
  fixture.perform("http://Aladdin:open%20sesame@127.0.0.1:" + std::to_string(server.port()) + "/");
  CHECK(has_line(server.requests()[0], "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
}

TEST_CASE("a credentials file is read for every request") {
  tcp_server server(tcp_server::always(tcp_server::response("")));
  http_client_fixture fixture;
  temporary_file file;
  http::client_config client;
  client.authorization = http::authorization{"Bearer", {"", file.path}};
  auto order = fixture.get(server.url(), client);
  file.write("one\n");
  fixture.perform(order);
  file.write("two\n");
  fixture.perform(order);
  CHECK(has_line(server.requests()[0], "Authorization: Bearer one"));
  CHECK(has_line(server.requests()[1], "Authorization: Bearer two"));
  std::filesystem::remove(file.path);
  auto response = fixture.perform(order);
  CHECK(response.failure == failure::credentials);
  CHECK(response.error == "Get \"" + server.url() + "\": unable to read authorization credentials: open " + file.path +
                              ": No such file or directory");
  CHECK(server.requests().size() == 2);
}

TEST_CASE("jobs with the same headers and different settings are kept apart") {
  tcp_server server(tcp_server::always(tcp_server::response("")));
  http_client_fixture fixture;
  auto shared = std::make_shared<http::header_list>(http::header_list{{"Accept", "text/plain"}});
  std::vector<fetch> orders;
  for (const char* token : {"a", "b"}) {
    http::request request;
    request.headers = shared;
    http::client_config client;
    client.authorization = http::authorization{"Bearer", {token, ""}};
    request.client = std::make_shared<http::client_config>(client);
    orders.push_back(fixture.get(server.url(), request));
  }
  for (int i = 0; i < 4; ++i) {
    fixture.perform(orders[static_cast<std::size_t>(i % 2)]);
    CHECK(has_line(server.requests().back(), i % 2 == 0 ? "Authorization: Bearer a" : "Authorization: Bearer b"));
    CHECK(has_line(server.requests().back(), "Accept: text/plain"));
  }
}

TEST_CASE("settings that come and go with every request are served all the same") {
  tcp_server server(tcp_server::always(tcp_server::response("")));
  http_client_fixture fixture;
  for (int i = 0; i < 300; ++i) {
    http::client_config client;
    client.headers["X-Round"] = {{std::to_string(i)}, {}, {}};
    fixture.perform(fixture.get(server.url(), client));
    REQUIRE(has_line(server.requests().back(), "X-Round: " + std::to_string(i)));
  }
}

TEST_CASE("http goes to a proxy with its whole URL and not to the host") {
  tcp_server proxy(tcp_server::always(tcp_server::response("from the proxy")));
  http_client_fixture fixture;
  http::client_config client;
  client.proxy.url = "http://user:secret@127.0.0.1:" + std::to_string(proxy.port());
  client.proxy.connect_headers["X-Tunnel"] = {"only for CONNECT"};
  auto response = fixture.perform(fixture.get("http://target.invalid:9100/metrics", client));
  CHECK(response.body == "from the proxy");
  const auto sent = proxy.requests().at(0);
  CHECK(sent.starts_with("GET http://target.invalid:9100/metrics HTTP/1.1\r\nHost: target.invalid:9100\r\n"));
  CHECK(has_line(sent, "Proxy-Authorization: Basic dXNlcjpzZWNyZXQ="));
  CHECK(sent.find("X-Tunnel") == std::string::npos);
  // The next request knows nothing of it.
  tcp_server direct(tcp_server::always(tcp_server::response("direct")));
  CHECK(fixture.perform(direct.url()).body == "direct");
}

TEST_CASE("https tunnels through a proxy, with headers for it alone") {
  tcp_server proxy([](tcp_connection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 403 Forbidden\r\nContent-Type: from-the-proxy\r\nContent-Length: 0\r\n\r\n");
  });
  http_client_fixture fixture;
  http::client_config client;
  client.proxy.url = "http://127.0.0.1:" + std::to_string(proxy.port());
  client.proxy.connect_headers["X-Tunnel"] = {"a", "b"};
  client.authorization = http::authorization{"Bearer", {"token", ""}};
  auto response = fixture.perform(fixture.get("https://target.invalid/metrics", client));
  CHECK(response.failure == failure::transport);
  CHECK(response.content_type.empty());
  const auto sent = proxy.requests().at(0);
  CHECK(sent.starts_with("CONNECT target.invalid:443 HTTP/1.1\r\n"));
  CHECK(has_line(sent, "X-Tunnel: a"));
  CHECK(has_line(sent, "X-Tunnel: b"));
  CHECK(sent.find("Authorization: Bearer") == std::string::npos);
}

TEST_CASE("hosts that no_proxy names, and this machine then, are asked directly") {
  tcp_server proxy(tcp_server::always(tcp_server::response("from the proxy")));
  tcp_server direct(tcp_server::always(tcp_server::response("direct")));
  http_client_fixture fixture;
  http::client_config client;
  client.proxy.url = proxy.url("");
  CHECK(fixture.perform(fixture.get(direct.url(), client)).body == "from the proxy");
  client.proxy.no_proxy = "elsewhere.example";
  CHECK(fixture.perform(fixture.get(direct.url(), client)).body == "direct");
  CHECK(fixture.perform(fixture.get("http://target.invalid/", client)).body == "from the proxy");
  client.proxy.no_proxy = ".invalid";
  CHECK(fixture.perform(fixture.get("http://target.invalid/", client)).failure == failure::transport);
}

TEST_CASE("proxies of the environment are used by those who ask for it") {
  tcp_server proxy(tcp_server::always(tcp_server::response("from the proxy")));
  curl_options options;
  options.proxies = {proxy.url(""), "", "direct.invalid"};
  http_client_fixture fixture(options);
  http::client_config client;
  client.proxy.from_environment = true;
  CHECK(fixture.perform(fixture.get("http://target.invalid/", client)).body == "from the proxy");
  CHECK(fixture.perform(fixture.get("http://direct.invalid/", client)).failure == failure::transport);
  CHECK(fixture.perform("http://target.invalid/").failure == failure::transport);
  CHECK(fixture.perform(fixture.get(proxy.url("/self"), client)).body == "from the proxy");
  CHECK(proxy.requests().back().starts_with("GET /self "));
}

TEST_CASE("the environment's proxies are read in upper and lower case") {
  const char* const names[] = {"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"};
  for (const char* name : names) unsetenv(name);
  setenv("http_proxy", "http://lower", 1);
  setenv("HTTPS_PROXY", "http://upper", 1);
  setenv("https_proxy", "http://ignored", 1);
  auto proxies = environment_proxies::read();
  CHECK(proxies.http == "http://lower");
  CHECK(proxies.https == "http://upper");
  CHECK(proxies.no_proxy.empty());
  for (const char* name : names) unsetenv(name);
}
