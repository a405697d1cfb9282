#pragma once

#include "lib/base/result.hpp"
#include "lib/http/request.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rollcall {

/// One filter of the Docker Engine API.
struct docker_filter {
  std::string name;
  std::vector<std::string> values;

  bool operator==(const docker_filter&) const = default;
};

/// Where a Docker daemon listens.
struct docker_host {
  std::string base_url;     ///< Paths of the API are appended to it.
  std::string unix_socket;  ///< Path of the socket to connect to, or empty.
  /// Whether the HTTP client settings apply: as in Prometheus, only where the host is given as http or https.
  bool uses_client_settings = false;

  bool operator==(const docker_host&) const = default;
};

/// `unix:///path`, `tcp://host:port`, `http://host:port` or `https://host:port`, the last three with a path if need be.
/// Errors: errc::syntax; the message does not repeat a password. errc::unsupported for `npipe`.
result<docker_host> parse_docker_host(std::string_view text);

/// A GET request for a path of the API, with the filters as a query unless there are none.
http::request_ptr make_docker_request(const docker_host& host, const http::client_config& client, std::string_view path,
                                      const std::vector<docker_filter>& filters);

}  // namespace rollcall
