#pragma once

#include <string>

namespace rollcall::http {

/// The reason phrase that RFC 9110 gives for a status code, for responses that carry none (HTTP/2 has no reason
/// phrases); empty for an unknown code.
std::string status_text(int status);

}  // namespace rollcall::http
