#include "actors/discovery/kubernetes_sd/group_builder.hpp"

#include "actors/discovery/kubernetes_sd/meta_labels.hpp"
#include "lib/base/assert.hpp"
#include "lib/labels/names.hpp"

#include <algorithm>
#include <array>

namespace rollcall::kubernetes {

namespace {

/// The kinds of a node's addresses, those first that a target is best reached by.
constexpr std::array<std::string_view, 6> address_types = {"InternalIP",  "InternalDNS",  "ExternalIP",
                                                           "ExternalDNS", "LegacyHostIP", "Hostname"};

const std::string* best_address(const node& of) {
  for (auto type : address_types)
    for (const auto& [each, address] : of.addresses)
      if (each == type) return &address;
  return nullptr;
}

std::optional<target_group> build_node_group(const object& of) {
  const auto& about = std::get<node>(of.body);
  const auto* address = best_address(about);
  if (address == nullptr) return std::nullopt;
  label_pairs common;
  add_metadata(common, of.metadata, "node");
  set(common, "node_provider_id", std::string_view(about.provider_id));
  for (const auto& [type, status] : about.conditions)
    set(common, "node_condition_" + sanitize_label_name(type), std::string_view(status));
  label_pairs target = {{std::string(address_label), join_host_port(*address, about.kubelet_port)},
                        {std::string(instance_label), of.metadata.name}};
  // Of several addresses of a type the first one counts: it is set last.
  for (auto each = about.addresses.rbegin(); each != about.addresses.rend(); ++each)
    set(target, "node_address_" + sanitize_label_name(each->first), std::string_view(each->second));
  target_group group;
  group.common = labels::of(std::move(common));
  group.targets = {labels::of(std::move(target))};
  return group;
}

void add_container(label_pairs& out, const container& of) {
  set(out, "pod_container_name", std::string_view(of.name));
  set(out, "pod_container_id", std::string_view(of.id));
  set(out, "pod_container_image", std::string_view(of.image));
  set(out, "pod_container_init", of.init);
}

target_group build_pod_group(const object& of, const group_context& context) {
  const auto& about = std::get<pod>(of.body);
  target_group group;
  // A pod that begins, or was evicted.
  if (about.ip.empty()) return group;
  label_pairs common;
  context.add_pod(common, of);
  context.add_namespace(common, of.metadata);
  context.add_node(common, about.node_name);
  group.common = labels::of(std::move(common));
  for (const auto& each : about.containers) {
    if (each.ports.empty()) {
      label_pairs target = {{std::string(address_label), about.ip}};
      add_container(target, each);
      group.targets.push_back(labels::of(std::move(target)));
    }
    for (const auto& port : each.ports) {
      const auto number = port.number.value_or(0);
      label_pairs target = {{std::string(address_label), join_host_port(about.ip, number)}};
      add_container(target, each);
      set(target, "pod_container_port_number", std::string_view(std::to_string(number)));
      set(target, "pod_container_port_name", port.name);
      set(target, "pod_container_port_protocol", port.protocol);
      group.targets.push_back(labels::of(std::move(target)));
    }
  }
  return group;
}

target_group build_service_group(const object& of, const group_context& context) {
  const auto& about = std::get<service>(of.body);
  label_pairs common;
  add_metadata(common, of.metadata, "service");
  context.add_namespace(common, of.metadata);
  target_group group;
  group.common = labels::of(std::move(common));
  const auto host = of.metadata.name + '.' + of.metadata.name_space + ".svc";
  for (const auto& port : about.ports) {
    const auto number = port.number.value_or(0);
    label_pairs target = {{std::string(address_label), join_host_port(host, number)}};
    set(target, "service_port_name", port.name);
    set(target, "service_port_number", std::string_view(std::to_string(number)));
    set(target, "service_port_protocol", port.protocol);
    set(target, "service_type", std::string_view(about.type));
    if (about.type == "ExternalName")
      set(target, "service_external_name", std::string_view(about.external_name));
    else
      set(target, "service_cluster_ip", std::string_view(about.cluster_ip));
    if (about.type == "LoadBalancer") set(target, "service_loadbalancer_ip", std::string_view(about.load_balancer_ip));
    group.targets.push_back(labels::of(std::move(target)));
  }
  return group;
}

std::optional<target_group> build_unnamed(resource role, const object& of, const group_context& context) {
  switch (role) {
    case resource::node:
      return build_node_group(of);
    case resource::pod:
      return build_pod_group(of, context);
    case resource::service:
      return build_service_group(of, context);
    case resource::endpoints:
      return build_endpoints_group(of, context);
    case resource::endpoint_slice:
      return build_endpoint_slice_group(of, context);
    case resource::ingress:
      return build_ingress_group(of, context);
    case resource::name_space:
    case resource::replica_set:
    case resource::job:
      break;
  }
  ROLLCALL_ASSERT(!"a role");
  return std::nullopt;
}

}  // namespace

std::string source_of(resource of, std::string_view key) {
  return std::string(facts_of(of).source).append("/").append(key);
}

std::string_view key_of(resource of, std::string_view source) { return source.substr(facts_of(of).source.size() + 1); }

target_group gone_group(resource of, std::string_view key) {
  target_group gone;
  gone.source = source_of(of, key);
  return gone;
}

std::optional<target_group> build_group(resource role, const object& of, const attached_metadata& attach,
                                        const object_lookup& find) {
  auto group = build_unnamed(role, of, {attach, find});
  if (group) group->source = source_of(role, of.key());
  return group;
}

}  // namespace rollcall::kubernetes
