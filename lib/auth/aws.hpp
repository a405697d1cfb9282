#pragma once

#include "lib/auth/token.hpp"

#include <variant>

namespace rollcall::auth {

struct aws_credentials {
  std::string access_key;
  std::string secret_key;
  std::string session_token;                     ///< Empty for credentials that do not expire.
  std::optional<std::chrono::seconds> lifetime;  ///< From when they were read; nothing: for ever.

  bool operator==(const aws_credentials&) const = default;
};

/// The credentials of an identity, or what to ask for them. In this order: the identity's keys; those of
/// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; those of its profile in the shared credentials file; with
/// AWS_WEB_IDENTITY_TOKEN_FILE what STS gives for the token; what the container's credentials server gives. With a
/// role, the first three are what STS is asked with for the role's. Errors: errc::not_found when there are none,
/// errc::io.
result<std::variant<aws_credentials, token_request>> find_aws_credentials(const http::aws_identity& who, time_point now,
                                                                          const environment& variables);

/// Reads the answer to such a request. Errors: errc::syntax, and errc::io for another status than 2xx.
result<aws_credentials> read_aws_credentials(const http::response& response, time_point now);

/// The region of an identity: its own, or that of AWS_REGION or AWS_DEFAULT_REGION. Errors: errc::not_found.
result<std::string> find_aws_region(const http::aws_identity& who, const environment& variables);

/// What is signed.
struct aws_request {
  std::string_view method;
  std::string_view url;
  std::string_view body;
  std::string_view service;
  std::string_view region;
};

/// The headers of Signature Version 4: Authorization, X-Amz-Date and, with a session, X-Amz-Security-Token.
/// Errors: errc::syntax for what is no URL.
result<http::header_list> aws_signature(const aws_request& request, const aws_credentials& credentials, time_point now);

}  // namespace rollcall::auth
