#include "tests/support/http_client_fixture.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace rollcall;
using http::failure;
using test::http_client_fixture;
using test::tcp_connection;
using test::tcp_server;

namespace {

std::string redirect(const std::string& location, const std::string& status = "302 Found") {
  return tcp_server::response("gone elsewhere", "Location: " + location + "\r\n", status);
}

/// Answers a request for `from` with a redirect and all others with "arrived".
tcp_server::script redirect_from(const std::string& from, const std::string& response) {
  return [=](tcp_connection& connection) {
    for (std::string request; !(request = connection.read_request()).empty();)
      connection.write(request.find(' ' + from + ' ') != std::string::npos ? response
                                                                           : tcp_server::response("arrived"));
  };
}

/// The same server by another name.
std::string by_name(const tcp_server& server, const std::string& path) {
  return "http://localhost:" + std::to_string(server.port()) + path;
}

http::client_config with_credentials() {
  http::client_config client;
  client.authorization = http::authorization{"Bearer", {"token", ""}};
  client.headers["X-Secret"] = {{}, {"hidden"}, {}};
  return client;
}

}  // namespace

TEST_CASE("redirects are followed, absolute and relative") {
  struct row {
    const char* location;
    const char* expected;
  };
  for (const auto& row : {row{"/new?x=1", "GET /new?x=1 "}, row{"new", "GET /dir/new "}, row{"../up", "GET /up "},
                          row{"?q", "GET /dir/old?q "}}) {
    INFO(row.location);
    tcp_server server(redirect_from("/dir/old", redirect(row.location)));
    http_client_fixture fixture;
    auto response = fixture.perform(server.url("/dir/old"));
    CHECK(response.status == 200);
    CHECK(response.body == "arrived");
    CHECK(server.requests().at(1).starts_with(row.expected));
  }
}

TEST_CASE("a redirect is a plain response when it shall not be followed") {
  tcp_server server(redirect_from("/old", redirect("/new")));
  http_client_fixture fixture;
  http::client_config client;
  client.follow_redirects = false;
  auto response = fixture.perform(fixture.get(server.url("/old"), client));
  CHECK(response.status == 302);
  CHECK(response.body == "gone elsewhere");
  CHECK(server.requests().size() == 1);
}

TEST_CASE("a redirect without location is a plain response") {
  tcp_server server(tcp_server::always(tcp_server::response("", "", "301 Moved Permanently")));
  http_client_fixture fixture;
  CHECK(fixture.perform(server.url()).status == 301);
}

TEST_CASE("circles end after ten redirects") {
  tcp_server server(tcp_server::always(redirect("/round")));
  http_client_fixture fixture;
  auto response = fixture.perform(server.url("/round"));
  CHECK(response.failure == failure::transport);
  CHECK(response.error == "Get \"" + server.url("/round") + "\": stopped after 10 redirects");
  CHECK(server.requests().size() == 11);
}

TEST_CASE("credentials and custom headers stay with their host") {
  tcp_server other(tcp_server::always(tcp_server::response("arrived")));
  tcp_server server(redirect_from("/old", redirect(by_name(other, "/new"))));
  http_client_fixture fixture;
  auto order = fixture.get(server.url("/old"), with_credentials());
  order.extra_headers = {{"X-Plain", "yes"}};
  CHECK(fixture.perform(order).body == "arrived");
  CHECK(server.requests().at(0).find("Authorization: Bearer token\r\n") != std::string::npos);
  CHECK(server.requests().at(0).find("X-Secret: hidden\r\n") != std::string::npos);
  const auto forwarded = other.requests().at(0);
  CHECK(forwarded.find("Authorization") == std::string::npos);
  CHECK(forwarded.find("X-Secret") == std::string::npos);
  CHECK(forwarded.find("X-Plain: yes\r\n") != std::string::npos);
}

TEST_CASE("credentials do not come back when a foreign host redirects home") {
  tcp_server* home = nullptr;
  tcp_server other([&](tcp_connection& connection) {
    connection.read_request();
    connection.write(redirect(home->url("/final")));
    connection.wait_for_close();
  });
  tcp_server server(redirect_from("/old", redirect(by_name(other, "/bounce"))));
  home = &server;
  http_client_fixture fixture;
  CHECK(fixture.perform(fixture.get(server.url("/old"), with_credentials())).body == "arrived");
  CHECK(server.requests().at(1).find("Authorization") == std::string::npos);
}

TEST_CASE("credentials follow a redirect on the same host, whatever the port") {
  tcp_server other(tcp_server::always(tcp_server::response("arrived")));
  tcp_server server(redirect_from("/old", redirect(other.url("/new"))));
  http_client_fixture fixture;
  CHECK(fixture.perform(fixture.get(server.url("/old"), with_credentials())).body == "arrived");
  CHECK(other.requests().at(0).find("Authorization: Bearer token\r\n") != std::string::npos);
}

TEST_CASE("redirects lead to http only") {
  for (const char* location : {"file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/", "http://"}) {
    INFO(location);
    tcp_server server(redirect_from("/old", redirect(location)));
    http_client_fixture fixture;
    auto response = fixture.perform(server.url("/old"));
    CHECK(response.failure == failure::transport);
    CHECK(response.body.empty());
  }
}

TEST_CASE("a POST is repeated only where the status says so") {
  struct row {
    const char* status;
    const char* method;
    const char* body;
  };
  for (const auto& row :
       {row{"301 Moved Permanently", "GET", ""}, row{"302 Found", "GET", ""}, row{"303 See Other", "GET", ""},
        row{"307 Temporary Redirect", "POST", "payload"}, row{"308 Permanent Redirect", "POST", "payload"}}) {
    INFO(row.status);
    tcp_server server(redirect_from("/old", redirect("/new", row.status)));
    http_client_fixture fixture;
    http::request request;
    request.method = "POST";
    auto order = fixture.get(server.url("/old"), request);
    order.body = std::make_shared<const std::string>("payload");
    CHECK(fixture.perform(order).body == "arrived");
    const auto second = server.requests().at(1);
    CHECK(second.starts_with(std::string(row.method) + " /new "));
    CHECK(second.substr(second.find("\r\n\r\n") + 4) == row.body);
  }
}

TEST_CASE("all redirects together have the request's time") {
  tcp_server server([](tcp_connection& connection) {
    connection.read_request();
    connection.write(redirect("/slow"));
    connection.read_request();
    connection.wait_for_close();
  });
  http_client_fixture fixture;
  auto order = fixture.get(server.url("/old"));
  order.timeout = std::chrono::milliseconds(80);
  auto response = fixture.perform(order);
  CHECK(response.failure == failure::timeout);
  CHECK(response.error == "Get \"" + server.url("/slow") + "\": context deadline exceeded");
}
