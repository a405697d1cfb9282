#pragma once

#include "lib/web/http_message.hpp"

#include <cstddef>
#include <string_view>

namespace rollcall::web {

/// Whether an Accept-Encoding header allows gzip: named, or covered by `*`, and not with a quality of 0.
bool accepts_gzip(std::string_view accept_encoding);

/// Bodies of this size and below are not worth compressing.
inline constexpr size_t uncompressed_body_max = 1024;

/// Compresses the body by gzip when it is large enough, the other side takes it, and it becomes smaller. One that is
/// compressed already stays as it is.
void compress(response& answer, std::string_view accept_encoding);

}  // namespace rollcall::web
