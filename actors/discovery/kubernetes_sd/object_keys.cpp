#include "actors/discovery/kubernetes_sd/object_keys.hpp"

namespace rollcall::kubernetes {

namespace {

const kept_key owners{"ownerReferences", {{"kind", {}}, {"name", {}}, {"controller", {}}}};
const kept_key ports{"ports",
                     {{"name", {}}, {"port", {}}, {"containerPort", {}}, {"protocol", {}}, {"appProtocol", {}}}};
const kept_key target{"targetRef", {{"kind", {}}, {"name", {}}, {"namespace", {}}}};

kept_key full_metadata() {
  return {"metadata",
          {{"name", {}},
           {"namespace", {}},
           {"uid", {}},
           {"resourceVersion", {}},
           {"labels", {}},
           {"annotations", {}},
           owners}};
}

/// Of what only leads from a pod to its owner's owner.
kept_key bare_metadata() { return {"metadata", {{"name", {}}, {"namespace", {}}, {"resourceVersion", {}}, owners}}; }

kept_key pod_keys() {
  const std::vector<kept_key> container = {{"name", {}}, {"image", {}}, ports};
  const std::vector<kept_key> status = {{"name", {}}, {"containerID", {}}};
  return {"",
          {full_metadata(),
           {"spec", {{"nodeName", {}}, {"containers", container}, {"initContainers", container}}},
           {"status",
            {{"podIP", {}},
             {"hostIP", {}},
             {"phase", {}},
             {"conditions", {{"type", {}}, {"status", {}}}},
             {"containerStatuses", status},
             {"initContainerStatuses", status}}}}};
}

kept_key node_keys() {
  return {"",
          {full_metadata(),
           {"spec", {{"providerID", {}}}},
           {"status",
            {{"addresses", {{"type", {}}, {"address", {}}}},
             {"conditions", {{"type", {}}, {"status", {}}}},
             {"daemonEndpoints", {{"kubeletEndpoint", {{"Port", {}}}}}}}}}};
}

kept_key service_keys() {
  return {"",
          {full_metadata(),
           {"spec",
            {{"type", {}},
             {"clusterIP", {}},
             {"externalName", {}},
             {"loadBalancerIP", {}},
             {"ipFamilyPolicy", {}},
             {"ipFamilies", {}},
             ports}}}};
}

kept_key endpoints_keys() {
  const std::vector<kept_key> address = {{"ip", {}}, {"hostname", {}}, {"nodeName", {}}, target};
  return {"", {full_metadata(), {"subsets", {{"addresses", address}, {"notReadyAddresses", address}, ports}}}};
}

kept_key endpoint_slice_keys() {
  return {"",
          {full_metadata(),
           {"addressType", {}},
           ports,
           {"endpoints",
            {{"addresses", {}},
             {"conditions", {{"ready", {}}, {"serving", {}}, {"terminating", {}}}},
             {"hostname", {}},
             {"nodeName", {}},
             {"zone", {}},
             target,
             {"deprecatedTopology", {}}}}}};
}

kept_key ingress_keys() {
  return {"",
          {full_metadata(),
           {"spec",
            {{"ingressClassName", {}},
             {"tls", {{"hosts", {}}}},
             {"rules", {{"host", {}}, {"http", {{"paths", {{"path", {}}}}}}}}}}}};
}

}  // namespace

kept_key keys_of(resource of) {
  switch (of) {
    case resource::pod:
      return pod_keys();
    case resource::node:
      return node_keys();
    case resource::service:
      return service_keys();
    case resource::endpoints:
      return endpoints_keys();
    case resource::endpoint_slice:
      return endpoint_slice_keys();
    case resource::ingress:
      return ingress_keys();
    case resource::name_space:
      return {"", {full_metadata()}};
    case resource::replica_set:
    case resource::job:
      return {"", {bare_metadata()}};
  }
  return {"", {bare_metadata()}};
}

}  // namespace rollcall::kubernetes
