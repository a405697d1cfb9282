#include "actors/discovery/dockerswarm_sd/swarm_targets.hpp"

#include "lib/dns/address.hpp"
#include "lib/labels/names.hpp"
#include "lib/labels/quote.hpp"
#include "lib/targets/host_port.hpp"

#include <arpa/inet.h>

#include <charconv>
#include <stdexcept>

namespace rollcall {

namespace {

using docker::json;
using docker::label_pairs;
using labels_by_id = std::map<std::string, label_pairs>;

constexpr std::string_view prefix = "__meta_dockerswarm_";

std::string named(std::string_view name) { return std::string(prefix) + std::string(name); }

void append(label_pairs& out, const label_pairs& more) { out.insert(out.end(), more.begin(), more.end()); }

void append(label_pairs& out, const labels_by_id& from, const std::string& id) {
  if (auto found = from.find(id); found != from.end()) append(out, found->second);
}

labels make_target(std::string address, label_pairs pairs) {
  pairs.emplace_back(address_label, std::move(address));
  return labels::of(std::move(pairs));
}

/// The address of `10.0.0.3/24`.
std::string address_of(const std::string& cidr) {
  auto slash = cidr.find('/');
  std::array<uint8_t, 16> bytes{};
  unsigned bits = 0;
  if (slash != std::string::npos) {
    auto address = cidr.substr(0, slash);
    auto [end, error] = std::from_chars(cidr.data() + slash + 1, cidr.data() + cidr.size(), bits);
    bool is_number = error == std::errc() && end == cidr.data() + cidr.size();
    if (is_number && bits <= 32 && ::inet_pton(AF_INET, address.c_str(), bytes.data()) == 1)
      return dns::format_address(std::span<const uint8_t, 4>(bytes.data(), 4));
    if (is_number && bits <= 128 && ::inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1)
      return dns::format_address(std::span<const uint8_t, 16>(bytes));
  }
  throw std::invalid_argument("error while parsing address " + rollcall::quoted(cidr));
}

std::string mode_of(const json& service) {
  const auto& mode = docker::field(docker::field(service, "Spec"), "Mode");
  if (!docker::field(mode, "Global").is_null()) return "global";
  if (!docker::field(mode, "Replicated").is_null()) return "replicated";
  return {};
}

/// What a service's targets and those of its tasks have in common.
label_pairs service_labels(const json& service) {
  const auto& spec = docker::field(service, "Spec");
  label_pairs out = {{named("service_id"), docker::text(service, "ID")},
                     {named("service_name"), docker::text(spec, "Name")},
                     {named("service_mode"), mode_of(service)}};
  docker::add_labels(out, named("service_label_"), spec, "Labels");
  return out;
}

label_pairs node_labels(const json& node) {
  const auto& spec = docker::field(node, "Spec");
  const auto& description = docker::field(node, "Description");
  const auto& platform = docker::field(description, "Platform");
  const auto& status = docker::field(node, "Status");
  label_pairs out = {
      {named("node_id"), docker::text(node, "ID")},
      {named("node_role"), docker::text(spec, "Role")},
      {named("node_availability"), docker::text(spec, "Availability")},
      {named("node_hostname"), docker::text(description, "Hostname")},
      {named("node_platform_architecture"), docker::text(platform, "Architecture")},
      {named("node_platform_os"), docker::text(platform, "OS")},
      {named("node_engine_version"), docker::text(docker::field(description, "Engine"), "EngineVersion")},
      {named("node_status"), docker::text(status, "State")},
      {named("node_address"), docker::text(status, "Addr")}};
  if (const auto& manager = docker::field(node, "ManagerStatus"); !manager.is_null()) {
    out.emplace_back(named("node_manager_leader"), docker::to_text(docker::flag(manager, "Leader")));
    out.emplace_back(named("node_manager_reachability"), docker::text(manager, "Reachability"));
    out.emplace_back(named("node_manager_address"), docker::text(manager, "Addr"));
  }
  docker::add_labels(out, named("node_label_"), spec, "Labels");
  return out;
}

/// Published ports, TCP only.
std::vector<const json*> tcp_ports(const json& holder) {
  std::vector<const json*> out;
  for (const auto& port : docker::items(holder, "Ports"))
    if (docker::text(port, "Protocol") == "tcp") out.push_back(&port);
  return out;
}

void add_service(std::vector<labels>& out, const json& service, const labels_by_id& networks, uint16_t port) {
  const auto& container = docker::field(docker::field(docker::field(service, "Spec"), "TaskTemplate"), "ContainerSpec");
  auto common = service_labels(service);
  common.emplace_back(named("service_task_container_hostname"), docker::text(container, "Hostname"));
  common.emplace_back(named("service_task_container_image"), docker::text(container, "Image"));
  common.emplace_back(named("service_updating_status"), docker::text(docker::field(service, "UpdateStatus"), "State"));
  const auto& endpoint = docker::field(service, "Endpoint");
  auto ports = tcp_ports(endpoint);
  for (const auto& virtual_ip : docker::items(endpoint, "VirtualIPs")) {
    auto ip = address_of(docker::text(virtual_ip, "Addr"));
    auto pairs = common;
    append(pairs, networks, docker::text(virtual_ip, "NetworkID"));
    for (const auto* each : ports) {
      auto of_port = pairs;
      of_port.emplace_back(named("service_endpoint_port_name"), docker::text(*each, "Name"));
      of_port.emplace_back(named("service_endpoint_port_publish_mode"), docker::text(*each, "PublishMode"));
      out.push_back(make_target(join_host_port(ip, docker::number(*each, "PublishedPort")), std::move(of_port)));
    }
    if (ports.empty()) out.push_back(make_target(join_host_port(ip, port), std::move(pairs)));
  }
}

/// What tasks are joined with.
struct task_context {
  labels_by_id services, nodes, networks;
  std::map<std::string, std::vector<const json*>> ports;  // of services
  std::map<std::string, std::string> node_addresses;
  uint16_t port = 0;
};

label_pairs task_labels(const json& task, const task_context& context) {
  const auto& status = docker::field(task, "Status");
  label_pairs out = {
      {named("task_id"), docker::text(task, "ID")},
      {named("task_desired_state"), docker::text(task, "DesiredState")},
      {named("task_state"), docker::text(status, "State")},
      {named("task_slot"), std::to_string(docker::number(task, "Slot"))},
      {named("task_container_id"), docker::text(docker::field(status, "ContainerStatus"), "ContainerID")}};
  docker::add_labels(out, named("container_label_"), docker::field(docker::field(task, "Spec"), "ContainerSpec"),
                     "Labels");
  append(out, context.services, docker::text(task, "ServiceID"));
  append(out, context.nodes, docker::text(task, "NodeID"));
  return out;
}

/// The ports of a task that are published on its own node.
void add_host_ports(std::vector<labels>& out, const json& task, const label_pairs& common,
                    const task_context& context) {
  auto node = context.node_addresses.find(docker::text(task, "NodeID"));
  std::string host = node == context.node_addresses.end() ? std::string() : node->second;
  for (const auto* port : tcp_ports(docker::field(docker::field(task, "Status"), "PortStatus"))) {
    auto pairs = common;
    pairs.emplace_back(named("task_port_publish_mode"), docker::text(*port, "PublishMode"));
    out.push_back(make_target(join_host_port(host, docker::number(*port, "PublishedPort")), std::move(pairs)));
  }
}

/// A task's address in one of its networks, with the ports of its service.
void add_address(std::vector<labels>& out, const std::string& ip, const json& task, const label_pairs& common,
                 const task_context& context) {
  auto ports = context.ports.find(docker::text(task, "ServiceID"));
  if (ports == context.ports.end() || ports->second.empty()) {
    out.push_back(make_target(join_host_port(ip, context.port), common));
    return;
  }
  for (const auto* port : ports->second) {
    auto pairs = common;
    pairs.emplace_back(named("task_port_publish_mode"), docker::text(*port, "PublishMode"));
    out.push_back(make_target(join_host_port(ip, docker::number(*port, "PublishedPort")), std::move(pairs)));
  }
}

void add_task(std::vector<labels>& out, const json& task, const task_context& context) {
  auto common = task_labels(task, context);
  add_host_ports(out, task, common, context);
  for (const auto& attachment : docker::items(task, "NetworksAttachments")) {
    auto pairs = common;
    append(pairs, context.networks, docker::text(docker::field(attachment, "Network"), "ID"));
    for (const auto& address : docker::items(attachment, "Addresses"))
      add_address(out, address_of(address.get<std::string>()), task, pairs, context);
  }
}

}  // namespace

std::vector<labels> service_targets(const swarm_state& state, uint16_t port) {
  auto networks = docker::network_labels(state.networks, prefix);
  std::vector<labels> out;
  for (const auto& service : state.services) add_service(out, service, networks, port);
  return out;
}

std::vector<labels> task_targets(const swarm_state& state, uint16_t port) {
  task_context context;
  context.networks = docker::network_labels(state.networks, prefix);
  context.port = port;
  for (const auto& service : state.services) {
    auto id = docker::text(service, "ID");
    context.services[id] = service_labels(service);
    context.ports[id] = tcp_ports(docker::field(service, "Endpoint"));
  }
  for (const auto& node : state.nodes) {
    auto id = docker::text(node, "ID");
    context.nodes[id] = node_labels(node);
    context.node_addresses[id] = docker::text(docker::field(node, "Status"), "Addr");
  }
  std::vector<labels> out;
  for (const auto& task : state.tasks) add_task(out, task, context);
  return out;
}

std::vector<labels> node_targets(const swarm_state& state, uint16_t port) {
  std::vector<labels> out;
  for (const auto& node : state.nodes) {
    auto address = join_host_port(docker::text(docker::field(node, "Status"), "Addr"), port);
    out.push_back(make_target(std::move(address), node_labels(node)));
  }
  return out;
}

}  // namespace rollcall
