#pragma once

#include "lib/base/result.hpp"
#include "lib/http/client_config.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace rollcall::kubernetes {

/// Where an API server is, and how to speak to it.
struct cluster_access {
  std::string server;  ///< URL without a slash at its end.
  http::client_config client;

  bool operator==(const cluster_access&) const = default;
};

/// What a process finds around itself in a pod.
struct pod_surroundings {
  /// The value of an environment variable, "" when it is not set.
  std::function<std::string(const std::string& name)> variable;
  /// Where the service account is mounted; the token there is replaced from time to time.
  std::string account_directory = "/var/run/secrets/kubernetes.io/serviceaccount";

  std::string namespace_file() const { return account_directory + "/namespace"; }
  /// Those of this process.
  static pod_surroundings of_process();
};

/// Access as a pod has it. Errors: errc::not_found outside of a cluster.
result<cluster_access> access_from_within(const pod_surroundings& surroundings);

/// Access as the current context of a kubeconfig file describes it. `directory` is what relative paths in the file
/// refer to. Errors: errc::syntax, errc::not_found, errc::unsupported.
result<cluster_access> read_kubeconfig(std::string_view text, const std::string& directory);

}  // namespace rollcall::kubernetes
