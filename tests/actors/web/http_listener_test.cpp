#include "actors/web/http_listener.hpp"

#include "tests/actors/web/raw_client.hpp"

#include <catch2/catch.hpp>

#include <condition_variable>
#include <mutex>

namespace rollcall {

using test::raw_client;
using test::raw_response;

namespace {

constexpr auto soon = std::chrono::milliseconds(200);

http_listener_options impatient() {
  http_listener_options options;
  options.addresses = {"127.0.0.1:0"};
  options.idle_timeout = std::chrono::seconds(30);
  options.request_timeout = soon;
  options.write_timeout = soon;
  options.linger_timeout = soon;
  return options;
}

/// A listener that answers every request by its method and target.
class echo {
 public:
  explicit echo(http_listener_options options = impatient()) {
    auto opened = http_listener::open(std::move(options));
    REQUIRE(opened);
    listener = std::move(*opened);
    listener->serve([](http_exchange_ptr exchange) {
      const auto& request = exchange->request();
      exchange->answer(web::text_response(200, request.method + ' ' + request.target));
    });
  }

  const std::string& address() const { return listener->addresses().front(); }

  std::unique_ptr<http_listener> listener;
};

}  // namespace

TEST_CASE("answers many requests on one connection, also when they come at once") {
  echo server;
  raw_client client(server.address());
  CHECK(client.get("/one").body == "GET /one");
  client.send(
      "GET /two HTTP/1.1\r\nHost: x\r\n\r\nPOST /three HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET ");
  CHECK(client.read().body == "GET /two");
  CHECK(client.read().body == "POST /three");
  client.send("/four HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.read().body == "GET /four");
}

TEST_CASE("reads chunked bodies away") {
  echo server;
  raw_client client(server.address());
  client.send("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  CHECK(client.read().body == "POST /a");
  CHECK(client.get("/b").body == "GET /b");
}

TEST_CASE("tells a client that asks before sending its body to go on") {
  echo server;
  raw_client client(server.address());
  client.send("POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  CHECK(client.read().status == 100);
  client.send("abc");
  CHECK(client.read().body == "POST /a");
}

TEST_CASE("closes when the client wants it or speaks HTTP/1.0") {
  echo server;
  raw_client wanted(server.address());
  auto answer = wanted.get("/", "Connection: close\r\n");
  CHECK(answer.header("Connection") == "close");
  CHECK(wanted.closed_by_server());
  raw_client old(server.address());
  old.send("GET /old HTTP/1.0\r\n\r\n");
  CHECK(old.read().body == "GET /old");
  CHECK(old.closed_by_server());
  raw_client kept(server.address());
  kept.send("GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(kept.read().header("Connection") == "keep-alive");
  CHECK(kept.get("/new").body == "GET /new");
}

TEST_CASE("answers a client that has closed its side") {
  echo server;
  raw_client client(server.address());
  client.send("GET /last HTTP/1.1\r\nHost: x\r\n\r\n");
  client.half_close();
  CHECK(client.read().body == "GET /last");
  CHECK(client.closed_by_server());
}

TEST_CASE("closes when a client goes away in the middle of a request") {
  echo server;
  raw_client client(server.address());
  client.send("GET /last HTTP/1.1\r\nHos");
  client.half_close();
  CHECK(client.closed_by_server());
}

TEST_CASE("closes a connection on which no request begins") {
  echo server;
  raw_client client(server.address());
  CHECK(client.closed_by_server());
}

TEST_CASE("closes a kept connection when the next request does not begin") {
  auto options = impatient();
  options.idle_timeout = soon;
  echo server(options);
  raw_client client(server.address());
  CHECK(client.get("/").status == 200);
  CHECK(client.closed_by_server());
}

TEST_CASE("closes a connection whose header does not end") {
  echo server;
  raw_client client(server.address());
  client.send("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ");
  CHECK(client.closed_by_server());
}

TEST_CASE("lets no client hold a connection by bytes that trickle in") {
  echo server;
  raw_client client(server.address());
  client.send("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ");
  // Ends only because the server closes: the header grows by a byte at a time and never gets near its bound.
  size_t sent = 0;
  while (!client.wait_for_anything(std::chrono::milliseconds(1)) && sent < 60'000 && client.send("x")) ++sent;
  CHECK(sent < 60'000);
  CHECK(client.closed_by_server());
}

TEST_CASE("closes a connection whose body does not end") {
  echo server;
  raw_client client(server.address());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc");
  CHECK(client.closed_by_server());
}

TEST_CASE("refuses what is no HTTP") {
  echo server;
  for (std::string garbage : {std::string("\x16\x03\x01\x02garbage\r\n\r\n"), std::string("GET\r\n\r\n"),
                              std::string("GET / HTTP/9.9\r\n\r\n"), std::string("GET / HTTP/1.1\r\nno colon\r\n\r\n"),
                              std::string("GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n")}) {
    CAPTURE(garbage);
    raw_client client(server.address());
    client.send(garbage);
    CHECK(client.read().status == 400);
    CHECK(client.closed_by_server());
  }
}

TEST_CASE("refuses headers beyond their bound") {
  auto options = impatient();
  options.request_timeout = std::chrono::seconds(30);
  echo server(options);
  raw_client client(server.address());
  client.send("GET / HTTP/1.1\r\nHost: x\r\nX-Big: " + std::string(options.header_bytes_max, 'x'));
  CHECK(client.read().status == 431);
  CHECK(client.closed_by_server());
  raw_client many(server.address());
  std::string lines;
  for (int i = 0; i < 10'000; ++i) lines += "X-Header-" + std::to_string(i) + ": x\r\n";
  many.send("GET / HTTP/1.1\r\nHost: x\r\n" + lines + "\r\n");
  CHECK(many.closed_by_server());
  CHECK(test::get(server.address(), "/still").body == "GET /still");
}

TEST_CASE("refuses bodies beyond their bound, announced or not") {
  auto options = impatient();
  options.request_timeout = std::chrono::seconds(30);
  options.body_bytes_max = 1000;
  echo server(options);
  raw_client announced(server.address());
  announced.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n");
  CHECK(announced.read().status == 413);
  CHECK(announced.closed_by_server());
  raw_client chunked(server.address());
  chunked.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 11; ++i) chunked.send("64\r\n" + std::string(100, 'x') + "\r\n");
  CHECK(chunked.read().status == 413);
  CHECK(chunked.closed_by_server());
}

TEST_CASE("closes on a client that does not read its answer") {
  auto options = impatient();
  options.connections_max = 1;
  auto opened = http_listener::open(options);
  REQUIRE(opened);
  (*opened)->serve([](http_exchange_ptr exchange) {
    bool large = exchange->request().target == "/large";
    exchange->answer(web::text_response(200, std::string(large ? 64 * 1024 * 1024 : 1, 'x')));
  });
  raw_client client((*opened)->addresses().front(), 4096);
  client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  // There is room for one connection only, so this one is served when the other has been closed.
  CHECK(test::get((*opened)->addresses().front(), "/small").body == "x");
}

TEST_CASE("lets further clients wait while all connections are taken") {
  auto options = impatient();
  options.request_timeout = std::chrono::seconds(30);
  options.connections_max = 2;
  echo server(options);
  auto first = std::make_unique<raw_client>(server.address());
  raw_client second(server.address());
  REQUIRE(first->get("/").status == 200);
  REQUIRE(second.get("/").status == 200);
  raw_client third(server.address());
  REQUIRE(third.send("GET /third HTTP/1.1\r\nHost: x\r\n\r\n"));
  CHECK(second.get("/").status == 200);
  CHECK(third.nothing_arrived());
  first.reset();
  CHECK(third.read().body == "GET /third");
}

TEST_CASE("answers a request that everybody dropped") {
  auto opened = http_listener::open(impatient());
  REQUIRE(opened);
  (*opened)->serve([](http_exchange_ptr) {});
  CHECK(test::get((*opened)->addresses().front(), "/").status == 500);
}

TEST_CASE("counts the first answer only") {
  int answers = 0;
  int status = 0;
  {
    http_exchange exchange({}, [&](web::response response) {
      ++answers;
      status = response.status;
    });
    exchange.answer(web::text_response(204, ""));
    exchange.answer(web::text_response(200, ""));
  }
  CHECK(answers == 1);
  CHECK(status == 204);
}

TEST_CASE("survives an answer that comes after its end") {
  http_exchange_ptr kept;
  std::mutex mutex;
  std::condition_variable changed;
  auto opened = http_listener::open(impatient());
  REQUIRE(opened);
  (*opened)->serve([&](http_exchange_ptr exchange) {
    std::lock_guard lock(mutex);
    kept = std::move(exchange);
    changed.notify_all();
  });
  raw_client client((*opened)->addresses().front());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  {
    std::unique_lock lock(mutex);
    REQUIRE(changed.wait_for(lock, std::chrono::seconds(30), [&] { return kept != nullptr; }));
  }
  opened->reset();
  kept->answer(web::text_response(200, "too late"));
  CHECK(client.read().status == 0);
}

}  // namespace rollcall
