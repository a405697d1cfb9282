#pragma once

#include "lib/auth/token.hpp"

/// The instance metadata service of EC2, version 2: a session is begun, then asked for the instance's role and for the
/// credentials of that role. AWS_EC2_METADATA_SERVICE_ENDPOINT says where it is, or
/// AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE of which protocol's addresses it has one.
namespace rollcall::auth {

/// Whether it may be asked: not where AWS_EC2_METADATA_DISABLED is true.
bool may_ask_aws_instance(const environment& variables);

token_request aws_session_request(const environment& variables);
/// The token of the session; "" to go on without one, where there is only version 1 and AWS_EC2_METADATA_V1_DISABLED is
/// not true. Errors: errc::io, errc::syntax.
result<std::string> read_aws_session(const http::response& response, const environment& variables);

token_request aws_role_request(const std::string& session, const environment& variables);
/// The name of the role. Errors: errc::not_found when the instance has none, errc::io.
result<std::string> read_aws_role(const http::response& response);

token_request aws_instance_request(const std::string& role, const std::string& session, const environment& variables);

}  // namespace rollcall::auth
