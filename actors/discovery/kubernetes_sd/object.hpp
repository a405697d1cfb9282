#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// Objects of the Kubernetes API, with only what targets and their meta labels are made of. What is absent is empty,
/// except where Prometheus tells absent from empty.
namespace rollcall::kubernetes {

using text_pairs = std::vector<std::pair<std::string, std::string>>;

/// Who is responsible for an object; empty when nobody is.
struct controller {
  std::string kind;
  std::string name;

  bool operator==(const controller&) const = default;
};

struct metadata {
  std::string name;
  std::string name_space;  ///< Empty for what has none.
  std::string uid;
  text_pairs labels;  ///< In order of name; as annotations.
  text_pairs annotations;
  kubernetes::controller controller;

  bool operator==(const metadata&) const = default;
};

struct port {
  std::optional<std::string> name;
  std::optional<int64_t> number;
  std::optional<std::string> protocol;
  std::optional<std::string> app_protocol;

  bool operator==(const port&) const = default;
};

/// What stands behind an address.
struct target_reference {
  std::string kind;
  std::string name;
  std::string name_space;

  bool operator==(const target_reference&) const = default;
};

struct container {
  std::string name;
  std::string image;
  std::string id;
  bool init = false;
  std::vector<port> ports;

  bool operator==(const container&) const = default;
};

struct pod {
  std::string ip;
  std::string host_ip;
  std::string phase;
  std::string node_name;
  std::string ready;                  ///< "true", "false", or "unknown".
  std::vector<container> containers;  ///< Those that initialise it stand last.

  bool operator==(const pod&) const = default;
};

struct node {
  std::string provider_id;
  text_pairs conditions;  ///< Type and status, in lower case.
  text_pairs addresses;   ///< Type and address.
  int64_t kubelet_port = 0;

  bool operator==(const node&) const = default;
};

struct service {
  std::string type;
  std::string cluster_ip;
  std::string external_name;
  std::string load_balancer_ip;
  std::string ip_family_policy;
  std::string ip_family;  ///< The first of its families.
  std::vector<port> ports;

  bool operator==(const service&) const = default;
};

struct endpoint_address {
  std::string ip;
  std::string hostname;
  std::optional<std::string> node_name;
  std::optional<target_reference> target;

  bool operator==(const endpoint_address&) const = default;
};

struct endpoint_subset {
  std::vector<endpoint_address> ready;
  std::vector<endpoint_address> not_ready;
  std::vector<port> ports;

  bool operator==(const endpoint_subset&) const = default;
};

struct endpoints {
  std::vector<endpoint_subset> subsets;

  bool operator==(const endpoints&) const = default;
};

struct slice_endpoint {
  std::vector<std::string> addresses;
  std::optional<bool> ready;
  std::optional<bool> serving;
  std::optional<bool> terminating;
  std::optional<std::string> hostname;
  std::optional<std::string> node_name;
  std::optional<std::string> zone;
  std::optional<target_reference> target;
  text_pairs topology;

  bool operator==(const slice_endpoint&) const = default;
};

struct endpoint_slice {
  std::string address_type;
  std::vector<port> ports;
  std::vector<slice_endpoint> endpoints;

  bool operator==(const endpoint_slice&) const = default;
};

struct ingress_rule {
  std::string host;
  std::vector<std::string> paths;

  bool operator==(const ingress_rule&) const = default;
};

struct ingress {
  std::optional<std::string> class_name;
  std::vector<std::string> tls_hosts;
  std::vector<ingress_rule> rules;

  bool operator==(const ingress&) const = default;
};

/// An object and the version of it that this is. Equal are objects that say the same, whatever their versions.
struct object {
  kubernetes::metadata metadata;
  std::string version;
  /// Nothing for what is known by its metadata alone: namespaces, replica sets, jobs.
  std::variant<std::monostate, pod, node, service, endpoints, endpoint_slice, ingress> body;

  /// Unique within its resource: "<namespace>/<name>", or "<name>" of what has no namespace.
  std::string key() const {
    return metadata.name_space.empty() ? metadata.name : metadata.name_space + '/' + metadata.name;
  }
  bool operator==(const object& other) const { return metadata == other.metadata && body == other.body; }
};

using object_ptr = std::shared_ptr<const object>;

}  // namespace rollcall::kubernetes
