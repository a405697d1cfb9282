#pragma once

#include "actors/discovery/kubernetes_sd/group_builder.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The labels that more than one role gives its targets.
namespace rollcall::kubernetes {

/// Labels under construction: of equal names the last one counts.
using label_pairs = std::vector<std::pair<std::string, std::string>>;

/// `__meta_kubernetes_<name>`
std::string meta(std::string_view name);

void set(label_pairs& out, std::string_view name, std::string_view value);
/// Sets the label if there is a value.
void set(label_pairs& out, std::string_view name, const std::optional<std::string>& value);
void set(label_pairs& out, std::string_view name, bool value);

/// "<host>:<port>", an IPv6 address in brackets.
std::string join_host_port(const std::string& host, int64_t port);

/// Name, labels and annotations of an object, as those of a role.
void add_metadata(label_pairs& out, const metadata& of, std::string_view role);
/// Labels and annotations alone.
void add_labels_and_annotations(label_pairs& out, const metadata& of, std::string_view role);

/// What is common to the groups of all roles whose objects have a namespace.
struct group_context {
  const attached_metadata& attach;
  const object_lookup& find;

  void add_namespace(label_pairs& out, const metadata& of) const;
  void add_node(label_pairs& out, const std::string& name) const;
  void add_service(label_pairs& out, const std::string& name_space, const std::string& name) const;
  /// What is said of a pod wherever it is behind a target. The object must be a pod.
  void add_pod(label_pairs& out, const object& of) const;
};

target_group build_endpoints_group(const object& of, const group_context& context);
target_group build_endpoint_slice_group(const object& of, const group_context& context);
target_group build_ingress_group(const object& of, const group_context& context);

}  // namespace rollcall::kubernetes
