#include "actors/discovery/kubernetes_sd/meta_labels.hpp"
#include "lib/labels/names.hpp"

#include <algorithm>
#include <map>
#include <set>

/// The groups of endpoints and of endpoint slices: addresses, joined with the pods behind them.
namespace rollcall::kubernetes {

namespace {

void add_container_port(label_pairs& out, const container& of, const port& port,
                        const std::optional<std::string>& protocol) {
  set(out, "pod_container_name", std::string_view(of.name));
  set(out, "pod_container_image", std::string_view(of.image));
  set(out, "pod_container_port_name", port.name);
  set(out, "pod_container_port_number", std::string_view(std::to_string(port.number.value_or(0))));
  set(out, "pod_container_port_protocol", protocol);
  set(out, "pod_container_init", of.init);
}

/// The pods that were met behind addresses, and the ports of theirs that are targets already.
class met_pods {
 public:
  explicit met_pods(const group_context& context) : context_(context) {}

  /// Adds the labels of the pod that an address refers to, if any.
  void add(label_pairs& target, const std::optional<target_reference>& reference, const port& port) {
    if (!reference || reference->kind != "Pod") return;
    const auto* found = context_.find(resource::pod, reference->name_space + '/' + reference->name);
    if (found == nullptr) return;
    context_.add_pod(target, *found);
    if (port.number)
      for (const auto& each : std::get<pod>(found->body).containers)
        for (const auto& of_container : each.ports)
          if (of_container.number == port.number) {
            add_container_port(target, each, of_container, port.protocol);
            break;
          }
    // The same pod may stand behind several addresses.
    auto& met = pods_[found->key()];
    met.of = found;
    if (port.number) met.ports.insert(*port.number);
  }

  /// A target for every port of a container that no address was found for.
  void add_other_ports(std::vector<packed_labels>& targets) const {
    for (const auto& [key, met] : pods_) {
      const auto& about = std::get<pod>(met.of->body);
      if (about.ip.empty()) continue;
      for (const auto& each : about.containers)
        for (const auto& port : each.ports) {
          const auto number = port.number.value_or(0);
          if (met.ports.contains(number)) continue;
          label_pairs target = {{std::string(address_label), join_host_port(about.ip, number)}};
          context_.add_pod(target, *met.of);
          add_container_port(target, each, port, port.protocol);
          targets.push_back(labels::of(std::move(target)));
        }
    }
  }

 private:
  struct met_pod {
    const object* of = nullptr;
    std::set<int64_t> ports;
  };

  const group_context& context_;
  std::map<std::string, met_pod> pods_;
};

void add_target(label_pairs& out, std::string_view prefix, const std::optional<target_reference>& target) {
  if (!target) return;
  set(out, std::string(prefix) + "_address_target_kind", std::string_view(target->kind));
  set(out, std::string(prefix) + "_address_target_name", std::string_view(target->name));
}

/// The node that an address is on; also when the address is the node's own.
void add_node_behind(label_pairs& out, const std::optional<std::string>& node_name,
                     const std::optional<target_reference>& target, const group_context& context) {
  if (node_name) return context.add_node(out, *node_name);
  if (target && target->kind == "Node") context.add_node(out, target->name);
}

labels endpoint_target(const endpoint_address& address, const port& port, bool ready, const group_context& context,
                       met_pods& pods) {
  label_pairs out = {{std::string(address_label), join_host_port(address.ip, port.number.value_or(0))}};
  set(out, "endpoint_port_name", port.name);
  set(out, "endpoint_port_protocol", port.protocol);
  set(out, "endpoint_ready", ready);
  add_target(out, "endpoint", address.target);
  set(out, "endpoint_node_name", address.node_name);
  set(out, "endpoint_hostname", std::string_view(address.hostname));
  add_node_behind(out, address.node_name, address.target, context);
  pods.add(out, address.target, port);
  return labels::of(std::move(out));
}

void set_if(label_pairs& out, std::string_view name, const std::optional<bool>& value) {
  if (value) set(out, name, *value);
}

labels slice_target(const slice_endpoint& of, const std::string& address, const port& port,
                    const group_context& context, met_pods& pods) {
  label_pairs out = {{std::string(address_label), port.number ? join_host_port(address, *port.number) : address}};
  set(out, "endpointslice_port_name", port.name);
  set(out, "endpointslice_port_protocol", port.protocol);
  if (port.number) set(out, "endpointslice_port", std::string_view(std::to_string(*port.number)));
  set(out, "endpointslice_port_app_protocol", port.app_protocol);
  set_if(out, "endpointslice_endpoint_conditions_ready", of.ready);
  set_if(out, "endpointslice_endpoint_conditions_serving", of.serving);
  set_if(out, "endpointslice_endpoint_conditions_terminating", of.terminating);
  set(out, "endpointslice_endpoint_hostname", of.hostname);
  add_target(out, "endpointslice", of.target);
  set(out, "endpointslice_endpoint_node_name", of.node_name);
  set(out, "endpointslice_endpoint_zone", of.zone);
  for (const auto& [name, value] : of.topology) {
    const auto sanitized = sanitize_label_name(name);
    set(out, "endpointslice_endpoint_topology_" + sanitized, std::string_view(value));
    set(out, "endpointslice_endpoint_topology_present_" + sanitized, true);
  }
  add_node_behind(out, of.node_name, of.target, context);
  pods.add(out, of.target, port);
  return labels::of(std::move(out));
}

std::string value_of(const text_pairs& pairs, std::string_view name) {
  auto found = std::find_if(pairs.begin(), pairs.end(), [&](const auto& each) { return each.first == name; });
  return found == pairs.end() ? "" : found->second;
}

/// A service of two address families has a slice for each; every endpoint is to be one target all the same.
bool is_of_second_family(const object& slice, const group_context& context) {
  const auto name = value_of(slice.metadata.labels, "kubernetes.io/service-name");
  if (name.empty()) return false;
  const auto* found = context.find(resource::service, slice.metadata.name_space + '/' + name);
  if (found == nullptr) return false;
  const auto& about = std::get<service>(found->body);
  const bool dual = about.ip_family_policy == "PreferDualStack" || about.ip_family_policy == "RequireDualStack";
  return dual && !about.ip_family.empty() && about.ip_family != std::get<endpoint_slice>(slice.body).address_type;
}

}  // namespace

target_group build_endpoints_group(const object& of, const group_context& context) {
  label_pairs common;
  context.add_namespace(common, of.metadata);
  context.add_service(common, of.metadata.name_space, of.metadata.name);
  add_metadata(common, of.metadata, "endpoints");
  target_group group;
  group.common = labels::of(std::move(common));
  met_pods pods(context);
  for (const auto& subset : std::get<endpoints>(of.body).subsets)
    for (const auto& port : subset.ports) {
      for (const auto& address : subset.ready)
        group.targets.push_back(endpoint_target(address, port, true, context, pods));
      for (const auto& address : subset.not_ready)
        group.targets.push_back(endpoint_target(address, port, false, context, pods));
    }
  pods.add_other_ports(group.targets);
  return group;
}

target_group build_endpoint_slice_group(const object& of, const group_context& context) {
  const auto& about = std::get<endpoint_slice>(of.body);
  target_group group;
  if (is_of_second_family(of, context)) return group;
  label_pairs common;
  context.add_namespace(common, of.metadata);
  context.add_service(common, of.metadata.name_space, value_of(of.metadata.labels, "kubernetes.io/service-name"));
  add_metadata(common, of.metadata, "endpointslice");
  set(common, "endpointslice_address_type", std::string_view(about.address_type));
  group.common = labels::of(std::move(common));
  met_pods pods(context);
  for (const auto& each : about.endpoints)
    for (const auto& port : about.ports)
      for (const auto& address : each.addresses)
        group.targets.push_back(slice_target(each, address, port, context, pods));
  pods.add_other_ports(group.targets);
  return group;
}

}  // namespace rollcall::kubernetes
