#pragma once

#include <cstddef>
#include <string_view>

namespace rollcall::bench {

/// One HTTP/1.1 request; all views point into the bytes it was parsed from.
struct http_request {
  std::string_view method;
  std::string_view path;
  std::string_view query;  ///< After the question mark; empty without one.
  std::string_view content_encoding;
  std::string_view body;
  bool accepts_gzip = false;
  bool keep_alive = true;
  size_t wire_bytes = 0;  ///< Head and body as received.
};

enum class parse_state : unsigned char {
  complete,
  incomplete,  ///< More bytes are needed.
  malformed,   ///< Not HTTP/1.x, or of a kind that is not spoken here (chunked requests).
  too_large,   ///< The head or the announced body crosses its bound.
};

struct parsed_request {
  parse_state state = parse_state::incomplete;
  http_request request;
  size_t bytes_needed = 0;        ///< Of the whole request, once the head is complete.
  bool expects_continue = false;  ///< Incomplete, and the client waits for "100 Continue".
};

inline constexpr size_t head_bytes_max = 16 * 1024;

/// Parses the request at the start of `input`; when complete, its first `wire_bytes` bytes are used up.
parsed_request parse_request(std::string_view input, size_t body_bytes_max);

}  // namespace rollcall::bench
