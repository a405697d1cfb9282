#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace rollcall::test {

/// The server's side of one connection, for the script that plays it.
class tcp_connection {
 public:
  tcp_connection(int fd, std::size_t number) : fd_(fd), number_(number) {}

  /// How many connections came before this one.
  std::size_t number() const { return number_; }

  int descriptor() const { return fd_; }

  /// Head and body (by Content-Length) of the next request; empty when the peer closed.
  std::string read_request();

  /// False when the peer is gone.
  bool write(std::string_view bytes);
  /// Every byte in a packet of its own.
  bool write_bytewise(std::string_view bytes);

  /// Says that nothing more will come, and goes on reading.
  void half_close();
  /// Ends the connection with a reset instead of an orderly close.
  void reset();
  /// Blocks until the peer closes.
  void wait_for_close();

 private:
  int fd_;
  std::size_t number_;
  std::string unread_;
};

/// A TCP server on a port of the system's choice that answers whatever its script says, well-formed or not. The script
/// runs on one thread per connection; when it returns, the connection is closed. Destroying the server ends them all.
class tcp_server {
 public:
  using script = std::function<void(tcp_connection&)>;

  explicit tcp_server(script play);
  /// Listens on a UNIX socket instead.
  tcp_server(const std::string& socket_path, script play);
  ~tcp_server();
  tcp_server(const tcp_server&) = delete;
  tcp_server& operator=(const tcp_server&) = delete;

  uint16_t port() const { return port_; }
  std::string url(const std::string& path = "/metrics") const;

  std::size_t connections() const { return accepted_; }
  /// Every request that was read so far, in order of arrival.
  std::vector<std::string> requests() const;

  /// Serves any number of requests per connection, each with this answer.
  static script always(std::string response);
  /// A well-formed response with a Content-Length.
  static std::string response(std::string_view body, std::string_view headers = "", std::string_view status = "200 OK");

 private:
  struct session {
    int fd;
    std::thread thread;
  };

  void start();
  void accept_loop();
  void serve(int fd, std::size_t number);

  script play_;
  uint16_t port_ = 0;
  int listener_ = -1;
  int wake_[2] = {-1, -1};
  std::atomic<std::size_t> accepted_{0};
  mutable std::mutex mutex_;  // Guards what follows.
  std::list<session> sessions_;
  std::vector<std::string> requests_;
  std::thread acceptor_;

  friend class tcp_connection;
};

/// A port that nobody listens on.
uint16_t unused_port();

}  // namespace rollcall::test
