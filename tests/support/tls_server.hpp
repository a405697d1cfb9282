#pragma once

#include "tests/support/tcp_server.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace rollcall::test {

/// A certificate authority of its own, with everything in a directory that goes when it goes.
class test_authority {
 public:
  struct identity {
    std::string cert_file;
    std::string key_file;
  };

  test_authority();
  ~test_authority();
  test_authority(const test_authority&) = delete;
  test_authority& operator=(const test_authority&) = delete;

  /// A certificate for these names, as in "DNS:localhost,IP:127.0.0.1".
  identity issue(const std::string& common_name, const std::string& alternative_names) const;

  const std::string& directory() const { return directory_; }
  std::string ca_file() const { return directory_ + "/ca.crt"; }

  static std::string content(const std::string& file);

 private:
  std::string directory_;
};

struct tls_server_options {
  std::string cert_file, key_file;
  std::string client_ca_file;  ///< Clients must show a certificate of this authority; empty asks for none.
  int version_max = 0;         ///< TLS1_2_VERSION and the like; 0 means any.
};

/// An HTTPS server that answers every request with "secure" and writes down who came.
class tls_server {
 public:
  struct visit {
    std::string server_name;  ///< What the client asked for by SNI.
    std::string client;       ///< Common name of its certificate, or empty.
    std::string version;      ///< "TLSv1.3"
    std::string protocols;    ///< What it offered by ALPN, as on the wire.
    std::vector<std::string> requests;
  };

  explicit tls_server(const tls_server_options& options);

  uint16_t port() const { return server_->port(); }
  std::string url(const std::string& host, const std::string& path = "/metrics") const;
  /// One entry per connection whose handshake succeeded.
  std::vector<visit> visits() const;

 private:
  struct log;

  std::shared_ptr<log> log_;
  std::unique_ptr<tcp_server> server_;
};

}  // namespace rollcall::test
