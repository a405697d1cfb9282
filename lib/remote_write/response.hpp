#pragma once

#include "lib/base/duration.hpp"
#include "lib/http/request.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace rollcall::remote_write {

/// What a receiver's answer means for the request.
enum class outcome : unsigned char {
  delivered,
  retry,    ///< It may succeed later, as it is.
  refused,  ///< It never will.
};

/// Whether a request that was answered "429 Too Many Requests" is sent again: retry_on_http_429.
enum class too_many_requests : unsigned char { refuse, retry };

struct answer {
  remote_write::outcome outcome = outcome::delivered;
  std::optional<milliseconds> hold_off;  ///< From Retry-After, on an outcome of retry.
  std::string error;  ///< Empty when delivered; at most 1024 bytes of the receiver's words, valid UTF-8.
};

/// Reads an answer as Prometheus does: 2xx is success; trouble on the way and 5xx are worth a retry, as is 429 when
/// wanted; all else is final. `now` is what a date in Retry-After is counted from.
answer classify_response(const http::response& response, too_many_requests on_429, std::chrono::sys_seconds now);

}  // namespace rollcall::remote_write
