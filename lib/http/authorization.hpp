#pragma once

#include "lib/base/result.hpp"
#include "lib/http/client_config.hpp"
#include "lib/http/request.hpp"

#include <string>

namespace rollcall::http {

/// The secret itself, or what its file holds now, without surrounding white space. Errors: errc::io.
result<std::string> read_secret(const secret& source);

/// What a file holds, at most 1 MiB. Errors: errc::io, errc::limit_exceeded.
result<std::string> read_small_file(const std::string& path);

/// The header lines that these settings add to a request: Authorization and the custom headers. Files are read now; to
/// follow their changes, ask again for every request if `reads_files`. Errors: errc::io, or errc::invalid_argument for
/// a value that would break out of its line. An authorization whose type ends in '=' is not of a
/// standard scheme, and its credentials follow without a space.
result<header_list> authentication_headers(const client_config& client);

/// Whether any header of these settings comes from a file.
bool reads_files(const client_config& client);

}  // namespace rollcall::http
