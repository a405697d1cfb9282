#pragma once

#include <array>
#include <string>
#include <string_view>

namespace rollcall::kubernetes {

/// The kinds of objects that targets and their labels are made of.
enum class resource : unsigned char {
  node,
  pod,
  service,
  endpoints,
  endpoint_slice,
  ingress,
  name_space,
  replica_set,
  job
};

inline constexpr size_t resource_count = 9;

/// What the API and Prometheus say of a resource.
struct resource_facts {
  std::string_view role;    ///< As roles, metrics and meta labels have it: "endpointslice".
  std::string_view source;  ///< What the source of its groups begins with: "svc".
  std::string_view group;   ///< "/api/v1", "/apis/discovery.k8s.io/v1"
  std::string_view plural;  ///< "endpointslices"
  bool namespaced = true;
};

const resource_facts& facts_of(resource of);

/// The path of all objects of a resource, or of those in one namespace. Of a resource without namespaces always of all.
std::string list_path(resource of, std::string_view name_space);

}  // namespace rollcall::kubernetes
