#include "actors/discovery/kubernetes_sd/cluster_access.hpp"

#include <cstdlib>

namespace rollcall::kubernetes {

pod_surroundings pod_surroundings::of_process() {
  pod_surroundings out;
  out.variable = [](const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return std::string(value == nullptr ? "" : value);
  };
  return out;
}

result<cluster_access> access_from_within(const pod_surroundings& surroundings) {
  auto host = surroundings.variable("KUBERNETES_SERVICE_HOST");
  const auto port = surroundings.variable("KUBERNETES_SERVICE_PORT");
  if (host.empty() || port.empty())
    return fail(errc::not_found,
                "unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be "
                "defined");
  if (host.find(':') != std::string::npos) host = '[' + host + ']';
  cluster_access out;
  out.server = "https://" + host + ':' + port;
  out.client.authorization = http::authorization{"Bearer", {"", surroundings.account_directory + "/token"}};
  out.client.tls.ca_file = surroundings.account_directory + "/ca.crt";
  return out;
}

}  // namespace rollcall::kubernetes
