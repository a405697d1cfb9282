#pragma once

#include "lib/cluster/arbiter.hpp"

namespace rollcall::cluster {

/// Keeps the mandate in a Lease of Kubernetes (coordination.k8s.io/v1), whose resource version is its version. What a
/// Lease has no field for stands in annotations. A Lease counts in seconds, so a mandate's lease is rounded up.
class kubernetes_arbiter final : public arbiter {
 public:
  /// `server` is `https://HOST:PORT`. Both names are DNS labels.
  kubernetes_arbiter(std::string server, std::string name_space, std::string name)
      : server_(std::move(server)), namespace_(std::move(name_space)), name_(std::move(name)) {}

  arbiter_request read() const override;
  arbiter_request write(const std::string& expected, const mandate& wanted, int64_t wall) const override;
  result<register_content> content_of(int status, const std::string& body) const override;
  result<write_outcome> outcome_of(int status, const std::string& body) const override;

 private:
  std::string leases_url() const;

  std::string server_;
  std::string namespace_;
  std::string name_;
};

}  // namespace rollcall::cluster
