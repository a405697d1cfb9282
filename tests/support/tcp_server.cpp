#include "tests/support/tcp_server.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace rollcall::test {

namespace {

thread_local std::function<void(const std::string&)> on_request;

int listen_on_loopback(uint16_t& port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(fd, 4096) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("cannot listen");
  port = ntohs(address.sin_port);
  return fd;
}

int listen_on_path(const std::string& path) {
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  unlink(path.c_str());
  if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(fd, 64) != 0)
    throw std::runtime_error("cannot listen on " + path);
  return fd;
}

std::size_t content_length(const std::string& head) {
  std::string lower = head;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  auto at = lower.find("\r\ncontent-length:");
  return at == std::string::npos ? 0 : std::strtoul(lower.c_str() + at + 17, nullptr, 10);
}

}  // namespace

std::string tcp_connection::read_request() {
  auto complete = [&]() -> std::size_t {
    auto end = unread_.find("\r\n\r\n");
    if (end == std::string::npos) return 0;
    auto total = end + 4 + content_length(unread_.substr(0, end));
    return unread_.size() >= total ? total : 0;
  };
  std::size_t size = 0;
  while ((size = complete()) == 0) {
    char buffer[16384];
    auto count = recv(fd_, buffer, sizeof buffer, 0);
    if (count <= 0) return {};
    unread_.append(buffer, static_cast<std::size_t>(count));
  }
  auto request = unread_.substr(0, size);
  unread_.erase(0, size);
  on_request(request);
  return request;
}

bool tcp_connection::write(std::string_view bytes) {
  while (!bytes.empty()) {
    auto count = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool tcp_connection::write_bytewise(std::string_view bytes) {
  int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    if (!write(bytes.substr(i, 1))) return false;
  return true;
}

void tcp_connection::half_close() { shutdown(fd_, SHUT_WR); }

void tcp_connection::reset() {
  linger abort{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
}

void tcp_connection::wait_for_close() {
  char buffer[4096];
  while (recv(fd_, buffer, sizeof buffer, 0) > 0) {
  }
}

tcp_server::tcp_server(script play) : play_(std::move(play)), listener_(listen_on_loopback(port_)) { start(); }

tcp_server::tcp_server(const std::string& socket_path, script play)
    : play_(std::move(play)), listener_(listen_on_path(socket_path)) {
  start();
}

void tcp_server::start() {
  if (pipe(wake_) != 0) throw std::runtime_error("no pipe");
  acceptor_ = std::thread([this] { accept_loop(); });
}

tcp_server::~tcp_server() {
  close(wake_[1]);
  acceptor_.join();
  close(wake_[0]);
  close(listener_);
  {
    std::lock_guard lock(mutex_);
    for (auto& session : sessions_)
      if (session.fd >= 0) shutdown(session.fd, SHUT_RDWR);
  }
  for (auto& session : sessions_) session.thread.join();
}

std::string tcp_server::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

std::vector<std::string> tcp_server::requests() const {
  std::lock_guard lock(mutex_);
  return requests_;
}

void tcp_server::accept_loop() {
  for (;;) {
    pollfd ready[2] = {{listener_, POLLIN, 0}, {wake_[0], POLLIN, 0}};
    if (poll(ready, 2, -1) < 0 || ready[1].revents != 0) return;
    int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    serve(fd, accepted_++);
  }
}

void tcp_server::serve(int fd, std::size_t number) {
  std::lock_guard lock(mutex_);
  auto& session = sessions_.emplace_back();
  session.fd = fd;
  session.thread = std::thread([this, number, &session, fd] {
    on_request = [this](const std::string& request) {
      std::lock_guard guard(mutex_);
      requests_.push_back(request);
    };
    tcp_connection connection(fd, number);
    play_(connection);
    // The entry must be out of the way before the number of the descriptor may be used again.
    std::lock_guard guard(mutex_);
    session.fd = -1;
    close(fd);
  });
}

tcp_server::script tcp_server::always(std::string response) {
  return [response = std::move(response)](tcp_connection& connection) {
    while (!connection.read_request().empty())
      if (!connection.write(response)) return;
  };
}

std::string tcp_server::response(std::string_view body, std::string_view headers, std::string_view status) {
  return "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(headers) + "\r\n" + std::string(body);
}

uint16_t unused_port() {
  uint16_t port = 0;
  close(listen_on_loopback(port));
  return port;
}

}  // namespace rollcall::test
