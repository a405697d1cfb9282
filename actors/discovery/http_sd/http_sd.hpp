#pragma once

#include "actors/discovery/mechanism.hpp"
#include "lib/base/result.hpp"

#include <vector>

namespace rollcall {

/// http_sd_configs: target groups from a JSON list that an HTTP server hands out.
discovery_mechanism http_sd();

/// The groups of a server's answer, with source and `__meta_url` set. Errors: status other than 200, a content type
/// other than JSON in UTF-8, or a body that is no list of groups.
result<std::vector<target_group>> read_http_sd(const http::response& answer, const std::string& url);

}  // namespace rollcall
