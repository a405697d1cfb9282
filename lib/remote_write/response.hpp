#pragma once

#include "lib/base/duration.hpp"
#include "lib/http/request.hpp"
#include "lib/remote_write/request.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace rollcall::remote_write {

/// What a receiver's answer means for the request.
enum class outcome : unsigned char {
  delivered,
  retry,        ///< It may succeed later, as it is.
  refused,      ///< It never will.
  unsupported,  ///< The receiver does not understand its form; it may succeed in the lesser of that kind.
};

/// Whether a request that was answered "429 Too Many Requests" is sent again: retry_on_http_429.
enum class too_many_requests : unsigned char { refuse, retry };

/// Whether the receiver has accepted a request in zstd before.
enum class zstd_support : unsigned char { unknown, proven };

struct answer_rules {
  too_many_requests on_429 = too_many_requests::refuse;
  zstd_support zstd = zstd_support::unknown;
};

struct answer {
  remote_write::outcome outcome = outcome::delivered;
  std::optional<milliseconds> hold_off;  ///< From Retry-After, on an outcome of retry.
  /// What the receiver says it has written, on an outcome of delivered or refused, if it says so.
  std::optional<item_counts> written;
  /// Empty when all was delivered; has at most 1024 bytes of the receiver's words, valid UTF-8.
  std::string error;
  remote_write::blame blame = remote_write::blame::request;  ///< On an outcome of refused.
};

/// Response headers that say how much was written, in lower case.
inline constexpr std::string_view samples_written_header = "x-prometheus-remote-write-samples-written";
inline constexpr std::string_view histograms_written_header = "x-prometheus-remote-write-histograms-written";
inline constexpr std::string_view exemplars_written_header = "x-prometheus-remote-write-exemplars-written";

/// Reads the answer to a request as Prometheus does: 2xx is success; trouble on the way and 5xx are worth a retry, as
/// is 429 when wanted; all else is final. To a request of version 2, success without a word on what was written is as
/// good as "415 Unsupported Media Type", as the specification has it; and nothing written at all is a refusal. To a
/// request in zstd "400 Bad Request" means the same as 415 until one was accepted: that is how receivers of version 1
/// refuse a body that they cannot read. 400, 409, 413 and 422 may be about some of the series only, if the receiver
/// does not say that it has written the others. `now` is what a date in Retry-After is counted from.
answer classify_response(const http::response& response, const request& sent, answer_rules rules,
                         std::chrono::sys_seconds now);

}  // namespace rollcall::remote_write
