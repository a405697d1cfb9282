#include "bench/http/server.hpp"

#include "lib/base/assert.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <unordered_map>

namespace rollcall::bench {

namespace {

constexpr size_t read_bytes = 256 * 1024;
constexpr size_t output_bytes_max = 1024 * 1024;

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 413:
      return "Payload Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

std::string head_of(const http_response& response) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + ' ';
  head += reason_of(response.status);
  head += "\r\n";
  head += response.headers;
  if (response.status != 204) {
    head += "Content-Length: " + std::to_string(response.body ? response.body->size() : 0) + "\r\n";
  }
  return head += "\r\n";
}

std::string system_message(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

}  // namespace

http_response json_response(std::string body) {
  return {200, "Content-Type: application/json\r\n", std::make_shared<const std::string>(std::move(body))};
}

/// One thread's connections. Everything in it belongs to that thread.
class http_server::worker {
 public:
  explicit worker(http_server& server) : server_(server), scratch_(read_bytes) {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    ROLLCALL_ASSERT(epoll_ >= 0);
    watch(server_.listener_, EPOLLIN | EPOLLEXCLUSIVE, EPOLL_CTL_ADD);
    watch(server_.stop_event_, EPOLLIN, EPOLL_CTL_ADD);
  }

  ~worker() {
    for (auto& [fd, connection] : connections_) ::close(fd);
    ::close(epoll_);
  }

  void run() {
    std::array<epoll_event, 256> events;
    while (true) {
      int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) {
        int fd = events[static_cast<size_t>(i)].data.fd;
        if (fd == server_.stop_event_) return;
        if (fd == server_.listener_) {
          accept_all();
        } else if (!advance(fd, events[static_cast<size_t>(i)].events)) {
          close_connection(fd);
        }
      }
    }
  }

 private:
  struct connection {
    uint32_t local_address = 0;
    bool closing = false;    ///< Close once the output is out.
    bool continued = false;  ///< "100 Continue" went out for the request at hand.
    bool blocked = false;    ///< Waits for room in the socket.
    std::string input;
    std::string output;  ///< Heads, and bodies before the last one.
    std::shared_ptr<const std::string> body;
    size_t sent = 0;  ///< Of output and body together.
  };

  void watch(int fd, uint32_t events, int operation) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    epoll_ctl(epoll_, operation, fd, &event);
  }

  void close_connection(int fd) {
    connections_.erase(fd);
    --server_.open_connections_;
    ::close(fd);
  }

  void accept_all() {
    while (true) {
      int fd = accept4(server_.listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      sockaddr_in local{};
      socklen_t length = sizeof(local);
      getsockname(fd, reinterpret_cast<sockaddr*>(&local), &length);
      uint32_t address = ntohl(local.sin_addr.s_addr);
      if (address >> 24 != server_.options_.network || server_.open_connections_ >= server_.options_.connections_max) {
        ::close(fd);
        continue;
      }
      int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      connections_[fd].local_address = address;
      ++server_.open_connections_;
      ++server_.accepted_;
      watch(fd, EPOLLIN, EPOLL_CTL_ADD);
    }
  }

  /// Reads, answers and writes what is possible now; false when the connection is over.
  bool advance(int fd, uint32_t events) {
    auto found = connections_.find(fd);
    ROLLCALL_ASSERT(found != connections_.end());
    connection& peer = found->second;
    if (peer.blocked) {
      if (!flush(fd, peer)) return false;
      if (peer.blocked) return true;
      return serve_buffered(fd, peer);
    }
    if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR))) return true;
    ssize_t count = ::read(fd, scratch_.data(), scratch_.size());
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    if (count == 0) return false;
    std::string_view fresh(scratch_.data(), static_cast<size_t>(count));
    if (!peer.input.empty()) {
      peer.input.append(fresh);
      return serve_buffered(fd, peer);
    }
    size_t used = answer(peer, fresh);
    peer.input.assign(fresh.substr(used));
    if (!flush(fd, peer)) return false;
    return used == 0 || peer.blocked || peer.input.empty() || serve_buffered(fd, peer);
  }

  bool serve_buffered(int fd, connection& peer) {
    size_t used = 0;
    do {
      used = answer(peer, peer.input);
      peer.input.erase(0, used);
      if (!flush(fd, peer)) return false;
    } while (used > 0 && !peer.blocked && !peer.input.empty());
    if (peer.input.empty()) peer.input.shrink_to_fit();
    return true;
  }

  /// Answers the complete requests at the start of `input`; returns how many bytes they took.
  size_t answer(connection& peer, std::string_view input) {
    size_t used = 0;
    while (!peer.closing && used < input.size() && peer.output.size() < output_bytes_max) {
      auto parsed = parse_request(input.substr(used), server_.options_.body_bytes_max);
      if (parsed.state == parse_state::incomplete) {
        if (parsed.expects_continue && !peer.continued) {
          peer.continued = true;
          append(peer, {}, "HTTP/1.1 100 Continue\r\n\r\n");
        }
        return used;
      }
      if (parsed.state != parse_state::complete) {
        http_response refusal{parsed.state == parse_state::malformed ? 400 : 413, "Connection: close\r\n", nullptr};
        append(peer, refusal, head_of(refusal));
        peer.closing = true;
        return input.size();
      }
      auto response = server_.handler_(parsed.request, peer.local_address);
      append(peer, response, head_of(response));
      peer.closing = !parsed.request.keep_alive;
      peer.continued = false;
      used += parsed.request.wire_bytes;
    }
    return used;
  }

  static void append(connection& peer, const http_response& response, std::string_view head) {
    if (peer.body) {
      peer.output += *peer.body;
      peer.body = nullptr;
    }
    peer.output += head;
    peer.body = response.body;
  }

  /// Writes as much as fits. False when the connection is over.
  bool flush(int fd, connection& peer) {
    size_t body_size = peer.body ? peer.body->size() : 0;
    while (peer.sent < peer.output.size() + body_size) {
      std::array<iovec, 2> parts{};
      size_t count = 0;
      size_t body_sent = 0;
      if (peer.sent < peer.output.size()) {
        parts[count++] = {peer.output.data() + peer.sent, peer.output.size() - peer.sent};
      } else {
        body_sent = peer.sent - peer.output.size();
      }
      if (body_size > body_sent) {
        parts[count++] = {const_cast<char*>(peer.body->data()) + body_sent, body_size - body_sent};
      }
      msghdr message{};
      message.msg_iov = parts.data();
      message.msg_iovlen = count;
      ssize_t written = sendmsg(fd, &message, MSG_NOSIGNAL);
      if (written < 0) {
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return false;
        if (!peer.blocked) watch(fd, EPOLLOUT, EPOLL_CTL_MOD);
        peer.blocked = true;
        return true;
      }
      peer.sent += static_cast<size_t>(written);
    }
    if (peer.blocked) watch(fd, EPOLLIN, EPOLL_CTL_MOD);
    peer.blocked = false;
    peer.output.clear();
    peer.body = nullptr;
    peer.sent = 0;
    return !peer.closing;
  }

  http_server& server_;
  int epoll_ = -1;
  std::vector<char> scratch_;
  std::unordered_map<int, connection> connections_;
};

http_server::http_server(http_server_options options, http_handler handler)
    : options_(options), handler_(std::move(handler)) {}

result<void> http_server::open() {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener_ < 0) return fail(errc::io, system_message("socket"));
  int on = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options_.port);
  address.sin_addr.s_addr = htonl(options_.address);
  socklen_t length = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, generic, length) != 0) return fail(errc::io, system_message("bind"));
  if (listen(listener_, 4096) != 0) return fail(errc::io, system_message("listen"));
  if (getsockname(listener_, generic, &length) != 0) return fail(errc::io, system_message("getsockname"));
  port_ = ntohs(address.sin_port);
  stop_event_ = eventfd(0, EFD_CLOEXEC);
  if (stop_event_ < 0) return fail(errc::io, system_message("eventfd"));
  return {};
}

result<std::unique_ptr<http_server>> http_server::start(http_server_options options, http_handler handler) {
  std::unique_ptr<http_server> server(new http_server(options, std::move(handler)));
  if (auto opened = server->open(); !opened) return fail("cannot listen", opened.error());
  for (unsigned i = 0; i < options.threads; ++i) {
    server->threads_.emplace_back([&self = *server] { worker(self).run(); });
  }
  return server;
}

http_server::~http_server() {
  if (stop_event_ >= 0) {
    uint64_t one = 1;
    // The event is never read, so it wakes every thread.
    if (::write(stop_event_, &one, sizeof(one)) < 0) std::terminate();
    for (auto& thread : threads_) thread.join();
    ::close(stop_event_);
  }
  if (listener_ >= 0) ::close(listener_);
}

}  // namespace rollcall::bench
