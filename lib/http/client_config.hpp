#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rollcall::http {

/// A secret given in the configuration, or the file to read it from. Files are read again for every request.
struct secret {
  std::string value;
  std::string file;

  bool empty() const { return value.empty() && file.empty(); }
  bool operator==(const secret&) const = default;
};

enum class tls_version : unsigned char { unset, tls10, tls11, tls12, tls13 };

/// Inline material (ca, cert, key) and files exclude each other; checked when the configuration is loaded.
struct tls_config {
  std::string ca, ca_file;
  std::string cert, cert_file;
  secret key;
  std::string server_name;
  bool insecure_skip_verify = false;
  tls_version version_min = tls_version::unset;
  tls_version version_max = tls_version::unset;

  bool operator==(const tls_config&) const = default;
};

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

/// Where requests go through: a proxy, the environment's, or none.
struct proxy_config {
  std::string url;
  std::string no_proxy;
  bool from_environment = false;
  std::map<std::string, std::vector<std::string>> connect_headers;

  bool operator==(const proxy_config&) const = default;
};

/// Prometheus's HTTP client block, shared by scrapes, discovery and remote write.
struct client_config {
  std::optional<rollcall::http::basic_auth> basic_auth;
  std::optional<rollcall::http::authorization> authorization;
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
