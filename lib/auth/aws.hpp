#pragma once

#include "lib/auth/token.hpp"

#include <string>
#include <variant>

namespace rollcall::auth {

struct aws_credentials {
  std::string access_key;
  std::string secret_key;
  std::string session_token;                     ///< Empty for credentials that do not expire.
  std::optional<std::chrono::seconds> lifetime;  ///< From when they were read; nothing: for ever.

  bool operator==(const aws_credentials&) const = default;
};

/// What is asked on the way to an identity's credentials.
struct aws_question {
  /// What the answer is to have. Of an instance: a session with its metadata service, its role, the role's credentials.
  enum class subject : unsigned char { credentials, instance_session, instance_role, instance_credentials };

  token_request request;
  subject about = subject::credentials;
  std::string session = {};  ///< The one with the instance's metadata service.
};

using aws_finding = std::variant<aws_credentials, aws_question>;

/// The credentials of an identity, or what to ask for them. In this order: the identity's keys; those of
/// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; those of its profile in the shared credentials file; with
/// AWS_WEB_IDENTITY_TOKEN_FILE what STS gives for the token; what the container's credentials server gives; what the
/// instance's metadata service gives. With a role, the first three and the last are what STS is asked with for the
/// role's. Errors: errc::not_found when there are none, errc::io.
result<aws_finding> find_aws_credentials(const http::aws_identity& who, time_point now, const environment& variables);

/// What an answer comes to: the credentials, or what to ask next. Errors: errc::syntax, and errc::io for trouble on the
/// way and for another status than 2xx, errc::not_found for an instance without a role.
result<aws_finding> take_aws_answer(const http::aws_identity& who, const aws_question& asked,
                                    const http::response& response, time_point now, const environment& variables);

/// Reads credentials as STS, containers and instances give them. Errors: errc::syntax, and errc::io for another status
/// than 2xx.
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
