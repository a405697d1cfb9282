#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace rollcall::test {

/// A response as it came.
struct raw_response {
  int status = 0;
  std::string head;  ///< Status line and headers.
  std::string body;

  /// The value of a header, or "none". The name must be spelled as the server does.
  std::string header(const std::string& name) const {
    size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "none";
    at += name.size() + 4;
    return head.substr(at, head.find("\r\n", at) - at);
  }
};

/// A client that sends bytes as they are. Blocks at most as long as only a broken server makes it wait.
class raw_client {
 public:
  /// Connects to "127.0.0.1:PORT".
  explicit raw_client(const std::string& address, int receive_buffer = 0) {
    fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
    if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    timeval patience{30, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  ~raw_client() { ::close(fd_); }
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;

  bool connected() const { return connected_; }

  /// False when the server is gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }
  void half_close() { ::shutdown(fd_, SHUT_WR); }

  /// The next response; with `head` its body does not come. A status of 0 says that the connection ended.
  raw_response read(bool head = false) {
    raw_response response;
    size_t end;
    while ((end = unread_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return response;
    }
    response.head = take(end + 4);
    response.status = std::stoi(response.head.substr(9, 3));
    auto length = response.header("Content-Length");
    size_t wanted = head || length == "none" ? 0 : std::stoul(length);
    while (unread_.size() < wanted) {
      if (!receive()) return {};
    }
    response.body = take(wanted);
    return response;
  }

  raw_response get(const std::string& target, const std::string& headers = "") { return ask("GET", target, headers); }
  raw_response ask(const std::string& method, const std::string& target, const std::string& headers = "") {
    send(method + ' ' + target + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n");
    return read(method == "HEAD");
  }

  /// Reads until the server closes; false when it does not.
  bool closed_by_server() {
    for (;;) {
      char byte[4096];
      auto got = ::recv(fd_, byte, sizeof byte, 0);
      if (got == 0) return true;
      if (got < 0) return errno == ECONNRESET;
    }
  }
  /// Whether nothing has arrived so far.
  bool nothing_arrived() {
    char byte;
    return ::recv(fd_, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0 && errno == EAGAIN;
  }
  /// Whether something arrives, the end included, within a time.
  bool wait_for_anything(std::chrono::milliseconds patience) {
    pollfd watched{fd_, POLLIN, 0};
    return ::poll(&watched, 1, static_cast<int>(patience.count())) > 0;
  }

 private:
  std::string take(size_t count) {
    std::string taken = unread_.substr(0, count);
    unread_.erase(0, count);
    return taken;
  }
  bool receive() {
    char bytes[65536];
    auto got = ::recv(fd_, bytes, sizeof bytes, 0);
    if (got <= 0) return false;
    unread_.append(bytes, static_cast<size_t>(got));
    return true;
  }

  int fd_ = -1;
  bool connected_ = false;
  std::string unread_;
};

/// One request on a connection of its own.
inline raw_response get(const std::string& address, const std::string& target, const std::string& headers = "") {
  return raw_client(address).get(target, headers);
}

}  // namespace rollcall::test
