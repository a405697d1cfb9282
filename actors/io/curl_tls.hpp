#pragma once

#include "lib/base/result.hpp"
#include "lib/http/client_config.hpp"

#include <curl/curl.h>

namespace rollcall {

/// Sets certificates, verification and versions on a handle for a request by https. Files are read now and given to
/// libcurl as bytes: it reuses a connection only for equal bytes, so a changed certificate takes effect with the next
/// request. The server name is not set here, because libcurl takes it from the URL. Errors: errc::io.
result<void> apply_tls(CURL* handle, const http::tls_config& tls);

}  // namespace rollcall
