#include "actors/io/http_client.hpp"

#include "tests/support/http_client_fixture.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace rollcall;
using namespace std::chrono_literals;
using http::failure;
using test::http_client_fixture;
using test::tcp_connection;
using test::tcp_server;

namespace {

bool has_line(const std::string& request, const std::string& line) {
  return request.find("\r\n" + line + "\r\n") != std::string::npos;
}

tcp_server::script answer_once(std::string bytes) {
  return [bytes = std::move(bytes)](tcp_connection& connection) {
    connection.read_request();
    connection.write(bytes);
  };
}

}  // namespace

TEST_CASE("a response arrives with what matters of its head") {
  tcp_server server(tcp_server::always(tcp_server::response("up 1\n",
                                                            "Content-Type: text/plain; version=0.0.4\r\n"
                                                            "content-encoding:gzip\r\nRETRY-AFTER: 7 \r\n")));
  http_client_fixture fixture;
  auto response = fixture.perform(server.url());
  CHECK(response.failure == failure::none);
  CHECK(response.error.empty());
  CHECK(response.status == 200);
  CHECK(response.reason == "OK");
  CHECK(response.content_type == "text/plain; version=0.0.4");
  CHECK(response.content_encoding == "gzip");
  CHECK(response.retry_after == "7");
  CHECK(response.body == "up 1\n");
  CHECK_FALSE(response.connection_reused);
  CHECK(response.elapsed.count() > 0);
}

TEST_CASE("headers that the request wants come with the response, as often as they were sent, and no others") {
  tcp_server server(tcp_server::always(
      tcp_server::response("x", "X-Consul-Index: 7\r\nX-Consul-Index-Not: 8\r\nX-Other: 1\r\nx-consul-index:9 \r\n")));
  http_client_fixture fixture;
  http::request request;
  request.wanted_headers = {"x-consul-index", "x-absent"};
  auto response = fixture.perform(fixture.get(server.url(), request));
  CHECK(response.headers == http::header_list{{"x-consul-index", "7"}, {"x-consul-index", "9"}});
}

TEST_CASE("a GET carries its own, the extra and no unexpected headers") {
  tcp_server server(tcp_server::always(tcp_server::response("")));
  http_client_fixture fixture;
  http::request request;
  request.headers = std::make_shared<http::header_list>(
      http::header_list{{"Accept", "text/plain"}, {"User-Agent", "Prometheus/3"}, {"X-Empty", ""}});
  auto order = fixture.get(server.url("/metrics?a=b"), request);
  order.extra_headers = {{"X-Prometheus-Scrape-Timeout-Seconds", "10"}};
  fixture.perform(order);
  const auto sent = server.requests().at(0);
  CHECK(sent.starts_with("GET /metrics?a=b HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"));
  CHECK(has_line(sent, "Accept: text/plain"));
  CHECK(has_line(sent, "User-Agent: Prometheus/3"));
  CHECK(has_line(sent, "X-Empty:"));
  CHECK(has_line(sent, "X-Prometheus-Scrape-Timeout-Seconds: 10"));
  CHECK(sent.find("Accept-Encoding") == std::string::npos);
  CHECK(std::count(sent.begin(), sent.end(), '\n') == 7);
}

TEST_CASE("connections are kept and used again") {
  tcp_server server(tcp_server::always(tcp_server::response("x")));
  http_client_fixture fixture;
  for (int i = 0; i < 5; ++i) CHECK(fixture.perform(server.url()).connection_reused == (i > 0));
  CHECK(server.connections() == 1);
  CHECK(fixture.status() == http_client_status{5, 0, 1, 0});
}

TEST_CASE("a connection that the server closed in between is replaced") {
  tcp_server server(answer_once(tcp_server::response("x")));
  http_client_fixture fixture;
  for (int i = 0; i < 4; ++i) CHECK(fixture.perform(server.url()).failure == failure::none);
  CHECK(server.connections() == 4);
}

TEST_CASE("a body is posted as it is") {
  tcp_server server(tcp_server::always("HTTP/1.1 204 No Content\r\n\r\n"));
  http_client_fixture fixture;
  http::request request;
  request.method = "POST";
  request.headers = std::make_shared<http::header_list>(http::header_list{{"Content-Type", "application/x-protobuf"}});
  auto order = fixture.get(server.url("/write"), request);
  std::string body(300'000, 'x');
  body.replace(0, 4, std::string("\0\r\n\xff", 4));
  order.body = std::make_shared<const std::string>(body);
  for (int i = 0; i < 2; ++i) {
    CHECK(fixture.perform(order).status == 204);
    const auto sent = server.requests().at(static_cast<std::size_t>(i));
    CHECK(sent.starts_with("POST /write HTTP/1.1\r\n"));
    CHECK(has_line(sent, "Content-Length: 300000"));
    CHECK(has_line(sent, "Content-Type: application/x-protobuf"));
    CHECK(sent.find("Expect") == std::string::npos);
    CHECK(sent.substr(sent.find("\r\n\r\n") + 4) == body);
  }
  // The same handle serves a GET afterwards.
  CHECK(fixture.perform(server.url("/after")).status == 204);
  CHECK(server.requests().back().starts_with("GET /after HTTP/1.1\r\n"));
  CHECK(server.requests().back().find("Content-") == std::string::npos);
}

TEST_CASE("a status that is no success is still a response") {
  tcp_server server(tcp_server::always(tcp_server::response("not here", "", "404 Not Found")));
  http_client_fixture fixture;
  auto response = fixture.perform(server.url());
  CHECK(response.failure == failure::none);
  CHECK(response.status == 404);
  CHECK(response.reason == "Not Found");
  CHECK(response.body == "not here");
}

TEST_CASE("a missing reason phrase is supplied") {
  tcp_server server(tcp_server::always("HTTP/1.1 503\r\nContent-Length: 0\r\n\r\n"));
  http_client_fixture fixture;
  CHECK(fixture.perform(server.url()).reason == "Service Unavailable");
}

TEST_CASE("interim responses are skipped") {
  tcp_server server(tcp_server::always("HTTP/1.1 103 Early Hints\r\nContent-Type: wrong\r\nRetry-After: 9\r\n\r\n" +
                                       tcp_server::response("x", "Content-Type: right\r\n")));
  http_client_fixture fixture;
  auto response = fixture.perform(server.url());
  CHECK(response.status == 200);
  CHECK(response.content_type == "right");
  CHECK(response.retry_after.empty());
}

TEST_CASE("a chunked body arrives whole, however it is cut") {
  const std::string bytes =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nup 1\r\n1\r\n\n\r\n6\r\nup 22\n\r\n0\r\n\r\n";
  tcp_server server([&](tcp_connection& connection) {
    while (!connection.read_request().empty()) connection.write_bytewise(bytes);
  });
  http_client_fixture fixture;
  for (int i = 0; i < 2; ++i) CHECK(fixture.perform(server.url()).body == "up 1\nup 22\n");
  CHECK(server.connections() == 1);
}

TEST_CASE("a body without length ends with the connection") {
  tcp_server server([](tcp_connection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\n\r\nup 1\n");
    connection.half_close();
    connection.wait_for_close();
  });
  http_client_fixture fixture;
  auto response = fixture.perform(server.url());
  CHECK(response.failure == failure::none);
  CHECK(response.body == "up 1\n");
}

TEST_CASE("a body is not inflated") {
  const std::string gzip("\x1f\x8b\x08\x00 not even gzip", 18);
  tcp_server server(tcp_server::always(tcp_server::response(gzip, "Content-Encoding: gzip\r\n")));
  http_client_fixture fixture;
  CHECK(fixture.perform(server.url()).body == gzip);
}

TEST_CASE("a body is cut off at its bound and the connection given up") {
  tcp_server server([](tcp_connection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\n\r\n");
    while (connection.write(std::string(10'000, 'x'))) {
    }
  });
  http_client_fixture fixture;
  auto order = fixture.get(server.url());
  order.body_bytes_max = 12'345;
  order.body_bytes_expected = 1'000'000'000;
  auto response = fixture.perform(order);
  CHECK(response.failure == failure::body_too_large);
  CHECK(response.error == "body size limit exceeded");
  CHECK(response.status == 200);
  CHECK(response.body.size() == 12'345);
  CHECK(fixture.status().failures == 1);
}

TEST_CASE("a body of exactly the bound passes") {
  tcp_server server(tcp_server::always(tcp_server::response("12345")));
  http_client_fixture fixture;
  auto order = fixture.get(server.url());
  order.body_bytes_max = 5;
  CHECK(fixture.perform(order).body == "12345");
  order.body_bytes_max = 4;
  CHECK(fixture.perform(order).failure == failure::body_too_large);
}

TEST_CASE("a request without bound gets the client's own") {
  tcp_server server(tcp_server::always(tcp_server::response("12345")));
  curl_options options;
  options.limits.body_bytes_max = 4;
  http_client_fixture fixture(options);
  auto order = fixture.get(server.url());
  order.body_bytes_max = 0;
  CHECK(fixture.perform(order).failure == failure::body_too_large);
}

TEST_CASE("endless headers are cut off") {
  tcp_server server([](tcp_connection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\n");
    while (connection.write("X-Long: " + std::string(2000, 'x') + "\r\n")) {
    }
  });
  curl_options options;
  options.limits.header_bytes_max = 20'000;
  http_client_fixture fixture(options);
  auto response = fixture.perform(server.url());
  CHECK(response.failure == failure::transport);
  CHECK(response.error == "Get \"" + server.url() + "\": response headers exceeded 20000 bytes");
}

TEST_CASE("failures are told in words that people know") {
  struct row {
    const char* what;
    tcp_server::script script;
    const char* error;  // After `Get "<url>": `; a trailing * stands for anything.
  };
  const row rows[] = {
      {"closes at once", [](tcp_connection&) {}, "*"},
      {"closes after the request", [](tcp_connection& connection) { connection.read_request(); }, "EOF"},
      {"closes within the status line", answer_once("HTTP/1.1 200"), "EOF"},
      {"closes after the status line", answer_once("HTTP/1.1 200 OK\r\n"), "unexpected EOF"},
      {"closes within a header line", answer_once("HTTP/1.1 204 No Content\r\nContent-Ty"), "unexpected EOF"},
      {"closes before the blank line", answer_once("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"), "unexpected EOF"},
      {"closes after an interim response", answer_once("HTTP/1.1 100 Continue\r\n\r\n"), "EOF"},
      {"closes within what follows an interim response",
       answer_once("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nConte"), "unexpected EOF"},
      {"sends a header line that is too long",
       answer_once("HTTP/1.1 200 OK\r\nX-Long: " + std::string(200'000, 'x') + "\r\n\r\n"),
       "response header line too long, or out of memory"},
      {"closes within the body", answer_once("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345"), "unexpected EOF"},
      {"closes within a chunk", answer_once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n123"),
       "unexpected EOF"},
      {"speaks something else", answer_once("SSH-2.0-OpenSSH_9.2\r\n\r\n"), "malformed HTTP response: *"},
      {"sends garbage", answer_once(std::string("\0\xff\x01garbage\r\n\r\n", 14)), "malformed HTTP response: *"},
      {"sends a bad chunk", answer_once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"), "*"},
      {"sends a bad length", answer_once("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), "*"},
  };
  for (const auto& row : rows) {
    INFO(row.what);
    tcp_server server(row.script);
    http_client_fixture fixture;
    auto response = fixture.perform(server.url());
    CHECK(response.failure == failure::transport);
    std::string expected = "Get \"" + server.url() + "\": " + row.error;
    INFO(response.error);
    if (expected.ends_with('*')) {
      CHECK(response.error.starts_with(expected.substr(0, expected.size() - 1)));
    } else {
      CHECK(response.error == expected);
    }
  }
}

TEST_CASE("a reset is told as such") {
  tcp_server server([](tcp_connection& connection) {
    connection.read_request();
    connection.reset();
  });
  http_client_fixture fixture;
  auto response = fixture.perform(server.url());
  CHECK(response.failure == failure::transport);
  CHECK(response.error == "Get \"" + server.url() + "\": read tcp 127.0.0.1:" + std::to_string(server.port()) +
                              ": connection reset by peer");
}

TEST_CASE("a refused connection names the address") {
  http_client_fixture fixture;
  const auto port = std::to_string(test::unused_port());
  auto response = fixture.perform("http://127.0.0.1:" + port + "/metrics");
  CHECK(response.failure == failure::transport);
  CHECK(response.status == 0);
  CHECK(response.error ==
        "Get \"http://127.0.0.1:" + port + "/metrics\": dial tcp 127.0.0.1:" + port + ": connect: connection refused");
}

TEST_CASE("a host that does not exist is named") {
  http_client_fixture fixture;
  auto response = fixture.perform("http://no-such-host.invalid/metrics");
  CHECK(response.failure == failure::transport);
  CHECK(response.error ==
        "Get \"http://no-such-host.invalid/metrics\": dial tcp: lookup no-such-host.invalid: no such host");
}

TEST_CASE("a server that stays silent runs into the timeout") {
  tcp_server server([](tcp_connection& connection) { connection.wait_for_close(); });
  http_client_fixture fixture;
  auto order = fixture.get(server.url());
  order.timeout = 50ms;
  auto response = fixture.perform(order);
  CHECK(response.failure == failure::timeout);
  CHECK(response.error == "Get \"" + server.url() + "\": context deadline exceeded");
  CHECK(response.elapsed >= 50ms);
}

TEST_CASE("a body that never ends runs into the timeout") {
  tcp_server server([](tcp_connection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nup 1");
    connection.wait_for_close();
  });
  http_client_fixture fixture;
  auto order = fixture.get(server.url());
  order.timeout = 50ms;
  CHECK(fixture.perform(order).failure == failure::timeout);
}

TEST_CASE("no time at all is a timeout without a connection") {
  tcp_server server(tcp_server::always(tcp_server::response("x")));
  http_client_fixture fixture;
  auto order = fixture.get(server.url());
  order.timeout = 0ms;
  CHECK(fixture.perform(order).failure == failure::timeout);
  CHECK(server.connections() == 0);
}

TEST_CASE("what is no URL fails without repeating a password in it") {
  http_client_fixture fixture;
  for (const char* url : {"", "metrics", "ftp://host/x", "file:///etc/passwd", "http://user:secret@/x"}) {
    INFO(url);
    auto response = fixture.perform(url);
    CHECK(response.failure == failure::transport);
    CHECK(response.error.starts_with("Get \""));
    CHECK(response.error.find("secret") == std::string::npos);
  }
}

TEST_CASE("many requests at once are all answered, each with its own response") {
  tcp_server server([](tcp_connection& connection) {
    for (std::string request; !(request = connection.read_request()).empty();)
      connection.write(tcp_server::response(request.substr(4, request.find(' ', 4) - 4)));
  });
  http_client_fixture fixture;
  constexpr std::size_t count = 300;
  for (std::size_t i = 0; i < count; ++i) {
    http::request request;
    request.affinity = static_cast<uint32_t>(i);
    auto order = fixture.get(server.url("/" + std::to_string(i)), request);
    order.tag = i;
    fixture.send(order);
  }
  REQUIRE(fixture.sink.wait_for<fetched>(count));
  std::vector<bool> seen(count);
  for (const auto& answer : fixture.sink.received<fetched>()) {
    CHECK(answer.response.body == "/" + std::to_string(answer.tag));
    CHECK_FALSE(seen.at(answer.tag));
    seen[answer.tag] = true;
  }
  CHECK(fixture.status().in_flight == 0);
  CHECK(fixture.status().requests == count);
}

TEST_CASE("requests beyond the bound on what is in flight fail at once") {
  tcp_server server([](tcp_connection& connection) { connection.wait_for_close(); });
  curl_options options;
  options.in_flight_max = 2;
  http_client_fixture fixture(options);
  for (int i = 0; i < 3; ++i) fixture.send(fixture.get(server.url()));
  REQUIRE(fixture.sink.wait_for<fetched>(1));
  auto refused = fixture.sink.received<fetched>().at(0);
  CHECK(refused.tag == 3);
  CHECK(refused.response.error == "more than 2 requests in flight");
  CHECK(fixture.status().in_flight == 2);
}

TEST_CASE("a UNIX socket takes the place of host and port") {
  const auto path = "/tmp/rollcall-http-client-" + std::to_string(getpid()) + ".sock";
  tcp_server server(path, tcp_server::always(tcp_server::response("from a socket")));
  http_client_fixture fixture;
  http::request request;
  request.unix_socket = path;
  CHECK(fixture.perform(fixture.get("http://localhost/containers/json", request)).body == "from a socket");
  CHECK(server.requests().at(0).starts_with("GET /containers/json HTTP/1.1\r\nHost: localhost\r\n"));
  // And the next request does not inherit it.
  tcp_server other(tcp_server::always(tcp_server::response("from elsewhere")));
  CHECK(fixture.perform(other.url()).body == "from elsewhere");
}

TEST_CASE("what is pending is answered when the client is stopped") {
  tcp_server server([](tcp_connection& connection) { connection.wait_for_close(); });
  http_client_fixture fixture;
  for (int i = 0; i < 3; ++i) fixture.send(fixture.get(server.url()));
  // Answered in order, so by then the fetches are with the thread.
  CHECK(fixture.status().failures == 0);
  auto end = fixture.system.watch(fixture.client);
  act::stop(fixture.client);
  REQUIRE(end.wait());
  CHECK(end.error().empty());
  REQUIRE(fixture.sink.wait_for<fetched>(3));
  for (const auto& answer : fixture.sink.received<fetched>()) {
    CHECK(answer.response.failure == failure::shutdown);
    CHECK(answer.response.error.find("the HTTP client was stopped") != std::string::npos);
  }
}

TEST_CASE("when its thread fails the client answers everything and ends with the error") {
  tcp_server server([](tcp_connection& connection) { connection.wait_for_close(); });
  std::atomic<bool> fail{false};
  curl_options options;
  options.before_round = [&] {
    if (fail) throw std::runtime_error("struck by lightning");
  };
  http_client_fixture fixture(options);
  auto end = fixture.system.watch(fixture.client);
  fixture.send(fixture.get(server.url()));
  while (fixture.status().in_flight == 0) std::this_thread::yield();
  fail = true;
  fixture.send(fixture.get(server.url()));
  REQUIRE(end.wait());
  CHECK(end.error().find("struck by lightning") != std::string::npos);
  REQUIRE(fixture.sink.wait_for<fetched>(2));
  for (const auto& answer : fixture.sink.received<fetched>()) {
    CHECK(answer.response.failure == failure::shutdown);
    CHECK(answer.response.error.find("the HTTP client failed: struck by lightning") != std::string::npos);
  }
  CHECK(fixture.sink.received<fetched>().size() == 2);
}
