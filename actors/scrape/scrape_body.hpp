#pragma once

#include "lib/base/result.hpp"
#include "lib/exposition/entry.hpp"
#include "lib/http/content_type.hpp"
#include "lib/http/request.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace rollcall {

struct body_limits {
  uint64_t configured = 0;                            ///< body_size_limit of the job: reaching it fails. 0 means none.
  uint64_t bytes_max = 0;                             ///< Bound on an inflated body in any case.
  uint64_t bytes_expected = 0;                        ///< How large the last one was.
  std::optional<http::exposition_format> fallback{};  ///< Of a body of unknown type.
};

/// What a target sent.
struct scraped_body {
  std::string_view text;
  exposition::format format = exposition::format::text;
};

/// The body of a target's answer: checks how the request went, status, size and type, and inflates. The view is valid
/// until the next call or trim_body_memory() on the same thread, and no longer than the response lives. Errors are
/// worded for a target's lastError; errc::limit_exceeded means that the body was too large.
result<scraped_body> read_body(const http::response& response, const body_limits& limits);

/// Gives back what a large body took, of the last call on this thread. Without it the thread would keep that until it
/// happens to inflate another body.
void trim_body_memory();

}  // namespace rollcall
