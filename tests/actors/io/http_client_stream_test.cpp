#include "actors/io/http_client.hpp"
#include "tests/support/http_client_fixture.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <string>

using namespace rollcall;
using namespace std::chrono_literals;
using http::failure;
using test::tcp_connection;
using test::tcp_server;

namespace {

const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";

/// A client and a sink that takes parts.
struct stream_fixture : test::http_client_fixture {
  stream_fixture() : parts(system.spawn_probe<http_stream_sink_actor>()) {}

  fetch stream(const std::string& url, uint64_t bytes_ahead_max = 1 << 20, std::chrono::seconds silence_max = 0s) {
    auto order = get(url);
    stream_settings settings;
    settings.bytes_ahead_max = bytes_ahead_max;
    settings.silence_max = silence_max;
    settings.sink = parts.handle();
    order.sink = settings.sink;
    order.stream = std::make_shared<stream_settings>(settings);
    return order;
  }

  /// Sends it without counting on an answer to the other sink.
  void begin(const fetch& order) { act::tell(client, order); }

  std::string body() {
    std::string all;
    for (const auto& part : parts.received<fetched_part>()) all += part.bytes;
    return all;
  }

  /// Waits for the end.
  http::response end() {
    if (!parts.wait_for<fetched>(1)) throw std::runtime_error("the stream did not end");
    return parts.received<fetched>().at(0).response;
  }

  test::probe<http_stream_sink_actor> parts;
};

}  // namespace

TEST_CASE("a streamed body comes in parts while the server still writes") {
  std::promise<void> first_taken;
  tcp_server server([&](tcp_connection& connection) {
    connection.read_request();
    connection.write(head + "one\n");
    first_taken.get_future().wait();
    connection.write("two\n");
  });
  stream_fixture fixture;
  fixture.begin(fixture.stream(server.url()));
  REQUIRE(fixture.parts.wait_for<fetched_part>(1));
  CHECK(fixture.body() == "one\n");
  CHECK(fixture.parts.received<fetched>().empty());
  first_taken.set_value();
  auto response = fixture.end();
  CHECK(response.failure == failure::none);
  CHECK(response.status == 200);
  CHECK(response.content_type == "application/json");
  CHECK(response.body.empty());
  CHECK(fixture.body() == "one\ntwo\n");
}

TEST_CASE("the body of a response without success is not streamed") {
  tcp_server server(tcp_server::always(tcp_server::response("too old", "", "410 Gone")));
  stream_fixture fixture;
  fixture.begin(fixture.stream(server.url()));
  auto response = fixture.end();
  CHECK(response.status == 410);
  CHECK(response.body == "too old");
  CHECK(fixture.parts.received<fetched_part>().empty());
}

TEST_CASE("the handle of a stream serves an ordinary request afterwards") {
  tcp_server server(tcp_server::always(tcp_server::response("x")));
  stream_fixture fixture;
  fixture.begin(fixture.stream(server.url()));
  fixture.end();
  auto response = fixture.perform(fixture.get(server.url()));
  CHECK(response.body == "x");
}

TEST_CASE("no more than the bound is under way to a sink that takes nothing") {
  constexpr std::size_t total = 8 << 20;
  tcp_server server([&](tcp_connection& connection) {
    connection.read_request();
    connection.write(head + std::string(total, 'x'));
  });
  stream_fixture fixture;
  auto order = fixture.stream(server.url(), 100'000);
  fixture.begin(order);
  std::size_t taken = 0;
  std::size_t most = 0;
  for (std::size_t seen = 0; taken < total;) {
    REQUIRE(fixture.parts.wait_for<fetched_part>(seen + 1));
    auto all = fixture.parts.received<fetched_part>();
    std::size_t ahead = 0;
    for (; seen < all.size(); ++seen) ahead += all[seen].bytes.size();
    most = std::max(most, ahead);
    taken += ahead;
    act::tell(fixture.client, parts_taken{order.tag, order.sink, ahead});
  }
  CHECK(most <= 100'000 + CURL_MAX_WRITE_SIZE + (32u << 10));
  CHECK(fixture.end().failure == failure::none);
  CHECK(fixture.body() == std::string(total, 'x'));
}

TEST_CASE("a stream outlives the time in which its head has to come") {
  std::promise<void> timed_out;
  tcp_server server([&](tcp_connection& connection) {
    if (connection.read_request().starts_with("GET /silent")) return connection.wait_for_close();
    connection.write(head + "one\n");
    timed_out.get_future().wait();
    connection.write("two\n");
  });
  stream_fixture fixture;
  auto order = fixture.stream(server.url());
  order.timeout = 100ms;
  fixture.begin(order);
  REQUIRE(fixture.parts.wait_for<fetched_part>(1));
  // A request that begins after the stream and has twice its time is over before the stream ends.
  auto silent = fixture.get(server.url("/silent"));
  silent.timeout = 200ms;
  CHECK(fixture.perform(silent).failure == failure::timeout);
  timed_out.set_value();
  CHECK(fixture.end().failure == failure::none);
  CHECK(fixture.body() == "one\ntwo\n");
}

TEST_CASE("a head that does not come in time ends a stream, and so does silence after it") {
  const bool with_head = GENERATE(false, true);
  tcp_server server([&](tcp_connection& connection) {
    connection.read_request();
    if (with_head) connection.write(head + "one\n");
    connection.wait_for_close();
  });
  stream_fixture fixture;
  auto order = fixture.stream(server.url(), 1 << 20, 1s);
  if (!with_head) order.timeout = 50ms;
  fixture.begin(order);
  CHECK(fixture.end().failure == failure::timeout);
}

TEST_CASE("a fetch that is cancelled is answered at once, and once") {
  tcp_server server([&](tcp_connection& connection) {
    connection.read_request();
    connection.write(head + "one\n");
    connection.wait_for_close();
  });
  stream_fixture fixture;
  auto order = fixture.stream(server.url());
  fixture.begin(order);
  REQUIRE(fixture.parts.wait_for<fetched_part>(1));
  SECTION("another tag means another fetch") {
    act::tell(fixture.client, cancel_fetch{order.tag + 1, order.sink});
    act::tell(fixture.client, parts_taken{order.tag + 1, order.sink, 1});
    CHECK(fixture.status().in_flight == 1);
  }
  act::tell(fixture.client, cancel_fetch{order.tag, order.sink});
  act::tell(fixture.client, cancel_fetch{order.tag, order.sink});
  auto response = fixture.end();
  CHECK(response.failure == failure::cancelled);
  CHECK(response.error == "Get \"" + server.url() + "\": the request was cancelled");
  // The server has seen the end of the connection when its script has ended, and nothing more was answered.
  CHECK(fixture.parts.received<fetched>().size() == 1);
}

TEST_CASE("a request that is not streamed can be cancelled as well") {
  tcp_server server([&](tcp_connection& connection) {
    connection.read_request();
    connection.wait_for_close();
  });
  stream_fixture fixture;
  auto order = fixture.get(server.url());
  fixture.send(order);
  act::tell(fixture.client, cancel_fetch{order.tag, order.sink});
  REQUIRE(fixture.sink.wait_for<fetched>(1));
  CHECK(fixture.sink.received<fetched>().at(0).response.failure == failure::cancelled);
}

TEST_CASE("a stream ends with its sink") {
  std::promise<void> closed;
  tcp_server server([&](tcp_connection& connection) {
    connection.read_request();
    connection.write(head + "one\n");
    connection.wait_for_close();
    closed.set_value();
  });
  stream_fixture fixture;
  fixture.begin(fixture.stream(server.url()));
  REQUIRE(fixture.parts.wait_for<fetched_part>(1));
  act::stop(fixture.parts.handle());
  CHECK(closed.get_future().wait_for(30s) == std::future_status::ready);
}

TEST_CASE("a stream that is cut short ends with an error after its last part") {
  tcp_server server([&](tcp_connection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n4\r\ntw");
  });
  stream_fixture fixture;
  fixture.begin(fixture.stream(server.url()));
  auto response = fixture.end();
  CHECK(response.failure == failure::transport);
  CHECK(fixture.body() == "one\ntw");
}
