#include "bench/http/server.hpp"

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace rollcall::bench {
namespace {

/// A blocking connection to a port at an address of the loopback network.
class client {
 public:
  client(uint32_t address, uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(address);
    REQUIRE(connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0);
  }
  ~client() { ::close(fd_); }
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  void send(std::string_view text) const {
    REQUIRE(::send(fd_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
  }

  /// Everything up to and including `end`, or to the point where the server closes.
  std::string read_until(std::string_view end) {
    size_t found = 0;
    while ((found = received_.find(end)) == std::string::npos) {
      std::array<char, 65536> chunk;
      auto count = ::read(fd_, chunk.data(), chunk.size());
      if (count <= 0) return std::exchange(received_, {});
      received_.append(chunk.data(), static_cast<size_t>(count));
    }
    std::string text = received_.substr(0, found + end.size());
    received_.erase(0, text.size());
    return text;
  }

  bool is_closed() const {
    char c;
    return ::read(fd_, &c, 1) == 0;
  }

 private:
  int fd_;
  std::string received_;
};

http_response echo(const http_request& request, uint32_t local_address) {
  auto body =
      std::string(request.path) + ' ' + std::to_string(local_address & 0xff) + ' ' + std::string(request.body) + '!';
  return {200, {}, std::make_shared<const std::string>(std::move(body))};
}

std::unique_ptr<http_server> echo_server(size_t body_bytes_max = 1 << 20) {
  auto server = http_server::start({.address = 0, .threads = 2, .body_bytes_max = body_bytes_max}, echo);
  REQUIRE(server);
  return std::move(*server);
}

TEST_CASE("answers many requests on one connection and tells which address was called") {
  auto server = echo_server();
  client first(0x7f010001, server->port());
  client second(0x7f010002, server->port());
  for (int i = 0; i < 3; ++i) {
    first.send("GET /a HTTP/1.1\r\n\r\n");
    CHECK(first.read_until("!").ends_with("Content-Length: 6\r\n\r\n/a 1 !"));
    second.send("GET /b HTTP/1.1\r\n\r\n");
    CHECK(second.read_until("!").ends_with("/b 2 !"));
  }
  CHECK(server->connections_accepted() == 2);
}

TEST_CASE("answers pipelined requests in order and one that comes byte by byte") {
  auto server = echo_server();
  client peer(0x7f000001, server->port());
  peer.send("GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 2\r\n\r\nabGET /3 HTTP/1.1\r\n\r\n");
  CHECK(peer.read_until("/1 1 !").ends_with("/1 1 !"));
  CHECK(peer.read_until("/2 1 ab!").ends_with("/2 1 ab!"));
  CHECK(peer.read_until("/3 1 !").ends_with("/3 1 !"));
  for (char c : std::string("POST /4 HTTP/1.1\r\nContent-Length: 3\r\n\r\nxyz")) peer.send(std::string(1, c));
  CHECK(peer.read_until("/4 1 xyz!").ends_with("/4 1 xyz!"));
}

TEST_CASE("carries bodies larger than any buffer both ways") {
  auto server = echo_server(8 << 20);
  client peer(0x7f000001, server->port());
  std::string body(5 << 20, 'x');
  peer.send("POST /big HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  CHECK(peer.read_until("!").size() > body.size());
  peer.send("GET /after HTTP/1.1\r\n\r\n");
  CHECK(peer.read_until("/after 1 !").ends_with("/after 1 !"));
}

TEST_CASE("gives leave to send a body to a client that asks for it") {
  auto server = echo_server();
  client peer(0x7f000001, server->port());
  peer.send("POST /e HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
  CHECK(peer.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  peer.send("z");
  CHECK(peer.read_until("z!").ends_with("/e 1 z!"));
}

TEST_CASE("refuses and closes what is malformed or too large, and closes when asked to") {
  struct {
    std::string_view request;
    std::string_view status;
  } cases[] = {{"nonsense\r\n\r\n", "HTTP/1.1 400 "},
               {"POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\n", "HTTP/1.1 413 "},
               {"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 "}};
  auto server = echo_server(10);
  for (const auto& each : cases) {
    client peer(0x7f000001, server->port());
    peer.send(each.request);
    CHECK(peer.read_until("\r\n\r\n").starts_with(each.status));
    peer.read_until("nothing, so to the end");
    CHECK(peer.is_closed());
  }
}

TEST_CASE("says when its port is taken") {
  auto server = echo_server();
  auto second = http_server::start({.address = 0, .port = server->port()}, echo);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == errc::io);
}

}  // namespace
}  // namespace rollcall::bench
