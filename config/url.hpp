#pragma once

#include "lib/base/result.hpp"

#include <string>
#include <string_view>

namespace rollcall {

/// Checks that a URL is absolute, has scheme http or https and a host. The messages are those of Prometheus's http_sd.
result<void> check_http_url(std::string_view url);

/// The URL with its password, if it has one, replaced by xxxxx, as Prometheus shows URLs.
std::string redacted_url(std::string_view url);

}  // namespace rollcall
