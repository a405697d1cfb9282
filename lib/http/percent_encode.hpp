#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rollcall::http {

/// Percent-encodes everything that is neither unreserved (RFC 3986) nor a slash.
std::string percent_encode(std::string_view text);

/// Percent-encodes one segment of a path, or a name or value of a query: slashes too.
std::string encode_component(std::string_view text);

/// `?name=value&...` with names and values percent-encoded, in the order given; "" for none.
std::string encode_query(const std::vector<std::pair<std::string, std::string>>& parameters);

}  // namespace rollcall::http
