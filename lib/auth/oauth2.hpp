#pragma once

#include "lib/auth/token.hpp"

namespace rollcall::auth {

/// The request of either grant of OAuth 2.0. An assertion is valid for an hour.
result<token_request> oauth2_token_request(const http::oauth2_config& config, client_naming naming, time_point now);

}  // namespace rollcall::auth
