#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rollcall::http {

/// RFC 4648 section 4, padded.
std::string base64(std::string_view bytes);
/// The reverse; nothing for what is no padded base64 of that alphabet.
std::optional<std::string> decode_base64(std::string_view text);

/// RFC 4648 section 5, for URLs, without padding.
std::string base64url(std::string_view bytes);

}  // namespace rollcall::http
