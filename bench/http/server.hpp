#pragma once

#include "bench/http/request.hpp"
#include "lib/base/result.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace rollcall::bench {

/// What a handler answers; the body may be shared by many answers.
struct http_response {
  int status = 200;
  std::string headers;  ///< Further header lines, each ended by CRLF.
  std::shared_ptr<const std::string> body;
};

/// A 200 answer with a JSON body.
http_response json_response(std::string body);

/// Answers one request. `local_address` (host byte order) is the address of ours that the client connected to.
using http_handler = std::function<http_response(const http_request& request, uint32_t local_address)>;

struct http_server_options {
  uint32_t address = 0x7f000001;  ///< To listen on, host byte order; 0 is every address of the network.
  uint8_t network = 127;          ///< First byte of the addresses of ours that are served; 127 is the loopback network.
  uint16_t port = 0;              ///< 0 lets the system choose.
  unsigned threads = 1;
  size_t body_bytes_max = 0;
  size_t connections_max = 200'000;
};

/// A small HTTP/1.1 server: keep-alive, pipelining, one epoll set per thread. It serves one network alone.
/// Handlers run on the server's threads, one call at a time per thread. Destruction closes every connection.
class http_server {
 public:
  static result<std::unique_ptr<http_server>> start(http_server_options options, http_handler handler);
  ~http_server();
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  uint16_t port() const { return port_; }
  uint64_t connections_accepted() const { return accepted_; }

 private:
  class worker;

  http_server(http_server_options options, http_handler handler);
  result<void> open();

  http_server_options options_;
  http_handler handler_;
  int listener_ = -1;
  int stop_event_ = -1;
  uint16_t port_ = 0;
  std::atomic<uint64_t> accepted_ = 0;
  std::atomic<size_t> open_connections_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace rollcall::bench
