#pragma once

#include <curl/curl.h>

#include <string>

namespace rollcall {

/// Why a transfer ended without a whole response, in words like those of Go's HTTP client, which people know from
/// Prometheus's target page: `dial tcp 10.0.0.1:9100: connect: connection refused`. `detail` is libcurl's own text.
std::string describe_failure(CURL* handle, CURLcode code, const std::string& detail);

}  // namespace rollcall
