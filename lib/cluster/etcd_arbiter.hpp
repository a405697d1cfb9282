#pragma once

#include "lib/cluster/arbiter.hpp"

namespace rollcall::cluster {

/// Keeps the mandate as the value of a key in etcd, by the JSON gateway of its version 3 API; a key's modification
/// revision is its version. No lease of etcd's: see decision 0012.
class etcd_arbiter final : public arbiter {
 public:
  /// `server` is `http://HOST:PORT` or with https.
  etcd_arbiter(std::string server, std::string key) : server_(std::move(server)), key_(std::move(key)) {}

  arbiter_request read() const override;
  arbiter_request write(const std::string& expected, const mandate& wanted, int64_t wall) const override;
  result<register_content> content_of(int status, const std::string& body) const override;
  result<write_outcome> outcome_of(int status, const std::string& body) const override;

 private:
  std::string server_;
  std::string key_;
};

}  // namespace rollcall::cluster
