#pragma once

#include "lib/auth/token.hpp"

#include <optional>
#include <string>

namespace rollcall::auth {

/// The moment that a text of RFC 3339 tells, such as 2026-01-31T12:00:00.5+01:00, without its fraction. Nothing for
/// another text, for a moment before 1970, and for one that the system's clock cannot tell.
std::optional<time_point> read_rfc3339(const std::string& text);

}  // namespace rollcall::auth
