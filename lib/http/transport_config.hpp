#pragma once

#include <map>
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

/// Where requests go through: a proxy, the environment's, or none.
struct proxy_config {
  std::string url;
  std::string no_proxy;
  bool from_environment = false;
  std::map<std::string, std::vector<std::string>> connect_headers;

  bool operator==(const proxy_config&) const = default;
};

}  // namespace rollcall::http
