#pragma once

#include "lib/web/http_message.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

namespace rollcall {

/// A request and the duty to answer it, once. Safe from any thread. Whoever drops it unanswered answers 500, so that no
/// client waits for an actor that has ended.
class http_exchange {
 public:
  using reply_function = std::function<void(web::response)>;

  http_exchange(web::request request, reply_function reply) : request_(std::move(request)), reply_(std::move(reply)) {}
  ~http_exchange() { answer(web::error_response(500, "Internal Server Error")); }
  http_exchange(const http_exchange&) = delete;
  http_exchange& operator=(const http_exchange&) = delete;

  const web::request& request() const { return request_; }
  /// The first answer counts.
  void answer(web::response response) {
    if (!answered_.exchange(true)) reply_(std::move(response));
  }

 private:
  web::request request_;
  reply_function reply_;
  std::atomic<bool> answered_ = false;
};

using http_exchange_ptr = std::shared_ptr<http_exchange>;

}  // namespace rollcall
