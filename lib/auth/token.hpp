#pragma once

#include "lib/base/result.hpp"
#include "lib/http/identity.hpp"
#include "lib/http/request.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rollcall::auth {

using time_point = std::chrono::system_clock::time_point;
using form = std::vector<std::pair<std::string, std::string>>;

/// The process's environment: the value of a variable, "" if it is not set.
using environment = std::function<std::string(const std::string&)>;

/// What a token server is asked.
struct token_request {
  std::string method = "POST";
  std::string url;
  http::header_list headers;
  std::string body;
  http::tls_config tls;
  http::proxy_config proxy;
};

/// A request that sends a form.
token_request form_request(std::string url, const form& fields);

/// A token as a server gave it.
struct token {
  std::string value;
  std::string type = "Bearer";
  std::optional<std::chrono::seconds> lifetime;  ///< Nothing: it does not say.

  /// The Authorization header's value.
  std::string header_value() const { return type + ' ' + value; }
};

/// Reads the answer of a token server (RFC 6749 section 5.1): JSON, or a form as some older servers send it. Lifetimes
/// may be numbers or text. Errors: errc::syntax, and errc::io with the server's words for another status than 2xx.
result<token> read_token(const http::response& response);

/// How a client names itself to the token server (RFC 6749 section 2.3.1): servers know one of these, or both.
enum class client_naming : unsigned char { in_header, in_body };

/// Whether a text can stand in a header line: it has no control characters.
bool is_header_value(std::string_view text);

/// What to ask for a token. Files are read now. Errors: errc::io, errc::invalid_argument for keys and certificates.
/// @pre The identity is one that works by tokens: neither nothing nor AWS's.
result<token_request> make_token_request(const http::identity& who, client_naming naming, time_point now,
                                         const environment& variables);

}  // namespace rollcall::auth
