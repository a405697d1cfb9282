#pragma once

#include "lib/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace rollcall::http {

/// An absolute http or https URL taken apart, without decoding anything.
struct url {
  std::string scheme;     ///< "http" or "https".
  std::string user_info;  ///< "user:password", or empty.
  std::string host;       ///< In lower case; an IPv6 address without its brackets.
  uint16_t port = 0;      ///< The scheme's own when none is given.
  std::string target;     ///< Path and query as they go into the request line; at least "/". No fragment.

  /// Host and port as a Host header has them: the port only where it is not the scheme's own.
  std::string host_header() const;
  /// The whole URL again.
  std::string text() const;

  bool operator==(const url&) const = default;
};

/// Errors: errc::syntax; the message does not repeat the URL, which may hold a password.
result<url> parse_url(std::string_view text);

/// The URL with its password, if it has one, replaced by "xxxxx". Takes any text, also what is no URL.
std::string redact_password(std::string_view text);

/// A request as Go names it in errors, without its password: `Get "http://host/metrics"`.
std::string request_context(std::string_view method, std::string_view url);

/// Whether a host name means this machine: localhost, 127.0.0.0/8 or ::1.
bool is_loopback(std::string_view host);

}  // namespace rollcall::http
