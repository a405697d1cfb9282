#include "actors/discovery/kubernetes_sd/attached_metadata.hpp"

namespace rollcall::kubernetes {

std::vector<resource> resources_of(resource role, const attached_metadata& attach) {
  const bool has_endpoints = role == resource::endpoints || role == resource::endpoint_slice;
  std::vector<resource> out;
  out.push_back(role);
  if (has_endpoints) out.push_back(resource::service);
  if (has_endpoints) out.push_back(resource::pod);
  const bool has_pods = has_endpoints || role == resource::pod;
  if (has_pods && attach.node) out.push_back(resource::node);
  if (role != resource::node && attach.name_space) out.push_back(resource::name_space);
  if (has_pods && attach.deployment) out.push_back(resource::replica_set);
  if (has_pods && attach.cron_job) out.push_back(resource::job);
  return out;
}

}  // namespace rollcall::kubernetes
