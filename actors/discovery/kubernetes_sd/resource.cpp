#include "actors/discovery/kubernetes_sd/resource.hpp"

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

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

const resource_facts& facts_of(resource of) { return all_facts.at(static_cast<size_t>(of)); }

std::string list_path(resource of, std::string_view name_space) {
  const auto& facts = facts_of(of);
  std::string path(facts.group);
  if (facts.namespaced && !name_space.empty()) path.append("/namespaces/").append(percent_encoded(name_space));
  return path.append("/").append(facts.plural);
}

std::string percent_encoded(std::string_view text) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

}  // namespace rollcall::kubernetes
