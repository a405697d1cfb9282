#include "actors/discovery/kubernetes_sd/resource.hpp"

#include "lib/http/percent_encode.hpp"

namespace rollcall::kubernetes {

namespace {

constexpr std::array<resource_facts, resource_count> all_facts = {{
    {"node", "node", "/api/v1", "nodes", false},
    {"pod", "pod", "/api/v1", "pods"},
    {"service", "svc", "/api/v1", "services"},
    {"endpoints", "endpoints", "/api/v1", "endpoints"},
    {"endpointslice", "endpointslice", "/apis/discovery.k8s.io/v1", "endpointslices"},
    {"ingress", "ingress", "/apis/networking.k8s.io/v1", "ingresses"},
    {"namespace", "namespace", "/api/v1", "namespaces", false},
    {"replicaset", "replicaset", "/apis/apps/v1", "replicasets"},
    {"job", "job", "/apis/batch/v1", "jobs"},
}};

}  // namespace

const resource_facts& facts_of(resource of) { return all_facts.at(static_cast<size_t>(of)); }

std::string list_path(resource of, std::string_view name_space) {
  const auto& facts = facts_of(of);
  std::string path(facts.group);
  if (facts.namespaced && !name_space.empty()) path.append("/namespaces/").append(http::encode_component(name_space));
  return path.append("/").append(facts.plural);
}

}  // namespace rollcall::kubernetes
