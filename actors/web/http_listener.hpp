#pragma once

#include "actors/web/http_exchange.hpp"
#include "lib/base/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace rollcall {

/// Every time is absolute for its step: bytes that trickle in do not prolong it.
struct http_listener_options {
  /// "127.0.0.1:9095", "[::1]:9095", "localhost:9095"; without a host all interfaces; port 0 lets the system choose.
  std::vector<std::string> addresses{"0.0.0.0:9095"};
  size_t connections_max = 512;  ///< Further clients wait in the kernel's queue until a connection ends.
  uint32_t header_bytes_max = 64 * 1024;
  uint64_t body_bytes_max = 1024 * 1024;
  std::chrono::milliseconds idle_timeout = std::chrono::minutes(5);      ///< For the next request to begin.
  std::chrono::milliseconds request_timeout = std::chrono::seconds(30);  ///< For all of a request to arrive.
  std::chrono::milliseconds write_timeout = std::chrono::minutes(1);     ///< For all of an answer to leave.
  std::chrono::milliseconds linger_timeout = std::chrono::seconds(1);    ///< For a refused client to read why.
  std::chrono::milliseconds stop_timeout = std::chrono::seconds(5);      ///< For open requests at the end.
};

/// An HTTP/1.1 server on a thread of its own. Requests are handed out on that thread; answers may come from any.
class http_listener {
 public:
  using request_handler = std::function<void(http_exchange_ptr)>;

  /// Binds all addresses. Errors: errc::io, errc::invalid_argument.
  static result<std::unique_ptr<http_listener>> open(http_listener_options options);
  /// Ends everything at once.
  ~http_listener();

  /// Begins to accept. The handler must not block.
  void serve(request_handler handler);
  /// Accepts no more, closes idle connections, waits for open requests within stop_timeout, then calls `stopped` on the
  /// listener's thread. To be called once.
  void stop(std::function<void()> stopped);
  /// What was bound, with the true ports.
  const std::vector<std::string>& addresses() const;

 private:
  class core;
  class session;

  explicit http_listener(std::shared_ptr<core> core);

  std::shared_ptr<core> core_;
  std::thread thread_;
};

}  // namespace rollcall
