#pragma once

#include "lib/auth/token.hpp"

namespace rollcall::auth {

/// The request for a token of a Google Cloud account that may write monitoring data. The credentials are those of the
/// file (a service account's key or a user's), or Application Default Credentials: the file that
/// GOOGLE_APPLICATION_CREDENTIALS names, the one that gcloud keeps in the home directory, the metadata server.
/// Errors: errc::io, errc::syntax, and errc::unsupported for another kind of credentials.
result<token_request> google_token_request(const http::google_identity& who, time_point now,
                                           const environment& variables);

}  // namespace rollcall::auth
