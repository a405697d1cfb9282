#pragma once

#include "lib/http/exec_plugin.hpp"
#include "lib/http/identity.hpp"
#include "lib/http/transport_config.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rollcall::http {

struct basic_auth {
  secret username;  ///< Not secret, but may come from a file as one does.
  secret password;

  bool operator==(const basic_auth&) const = default;
};

/// The Authorization header: `<type> <credentials>`.
struct authorization {
  std::string type = "Bearer";
  secret credentials;

  bool operator==(const authorization&) const = default;
};

/// One entry of http_headers: every value becomes a header line of its own.
struct custom_header {
  std::vector<std::string> values;
  std::vector<std::string> secrets;
  std::vector<std::string> files;

  bool operator==(const custom_header&) const = default;
};

/// Prometheus's HTTP client block, shared by scrapes, discovery and remote write.
struct client_config {
  std::optional<rollcall::http::basic_auth> basic_auth;
  std::optional<rollcall::http::authorization> authorization;
  rollcall::http::identity identity;
  /// Runs a program, so it comes from files of this machine alone: no configuration block has it, no node tells it.
  std::optional<exec_plugin> plugin;
  rollcall::http::tls_config tls;
  rollcall::http::proxy_config proxy;
  std::map<std::string, custom_header> headers;
  bool follow_redirects = true;
  bool enable_http2 = true;
  bool round_robin_dns = false;  ///< Whether each new connection goes to a random one of the host's addresses.

  bool operator==(const client_config&) const = default;
};

using client_config_ptr = std::shared_ptr<const client_config>;

}  // namespace rollcall::http
