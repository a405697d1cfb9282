#pragma once

#include "lib/base/result.hpp"
#include "lib/http/request.hpp"

#include <memory>
#include <string>

/// What requests of discovery mechanisms, and the checking of their answers, have in common.
namespace rollcall {

/// A GET that says who asks and, unless it is empty, what is accepted. Its headers may be added to.
struct discovery_request {
  discovery_request(std::string url, const http::client_config& client, const std::string& accept);

  http::request request;
  http::header_list headers;

  http::request_ptr share() &&;
};

/// Which statuses say that the body is what was asked for.
enum class accepted_status : unsigned char { ok, any_2xx };

/// Fails for other statuses: "server returned HTTP status 503 Service Unavailable", with the first words of the body
/// where there are any. Errors: errc::io.
result<void> check_answer_status(const http::response& answer, accepted_status accepted = accepted_status::ok);

/// Fails for what is not JSON in UTF-8. Errors: errc::syntax.
result<void> check_json_type(const http::response& answer);

}  // namespace rollcall
