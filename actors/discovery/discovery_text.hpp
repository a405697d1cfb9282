#pragma once

#include "lib/base/result.hpp"
#include "lib/http/request.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Pieces of text that several mechanisms make alike.
namespace rollcall {

/// Fails for any status but 200: "server returned HTTP status 503 Service Unavailable", with the first words of the
/// body where there are any. Errors: errc::io.
result<void> check_answer_status(const http::response& answer);

/// `host:port`, the host in brackets where it is an IPv6 address.
std::string join_host_port(std::string_view host, std::string_view port);

/// The items with a separator between them and around them: ",a,b,"; so that an expression may look for ",a," wherever
/// it stands.
std::string surround_with_separator(const std::vector<std::string>& items, std::string_view separator);

}  // namespace rollcall
