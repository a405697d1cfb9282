#include "actors/discovery/dockerswarm_sd/swarm_targets.hpp"

#include "lib/dns/address.hpp"
#include "lib/labels/names.hpp"
#include "lib/labels/quote.hpp"
#include "lib/targets/host_port.hpp"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <span>

namespace rollcall {

namespace {

using docker::label_pairs;

constexpr std::string_view prefix = "__meta_dockerswarm_";

std::string named(std::string_view name) { return std::string(prefix) + std::string(name); }

void append(label_pairs& out, const label_pairs& more) { out.insert(out.end(), more.begin(), more.end()); }

void append(label_pairs& out, const std::map<std::string, label_pairs>& from, const std::string& id) {
  if (auto found = from.find(id); found != from.end()) append(out, found->second);
}

/// The address of `10.0.0.3/24`; otherwise the document's fault.
std::string read_address(const json_reader& from, const std::string& cidr) {
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
  from.refuse("error while parsing address " + rollcall::quoted(cidr));
  return {};
}

std::string mode_of(const json_reader& service) {
  const auto spec = service.field("Spec");
  const auto mode = spec.field("Mode");
  if (!mode.field("Global").is_null()) return "global";
  if (!mode.field("Replicated").is_null()) return "replicated";
  return {};
}

/// What a service's targets and those of its tasks have in common.
label_pairs service_labels(const json_reader& service) {
  const auto spec = service.field("Spec");
  label_pairs out = {{named("service_id"), service.text("ID")},
                     {named("service_name"), spec.text("Name")},
                     {named("service_mode"), mode_of(service)}};
  docker::add_labels(out, named("service_label_"), spec);
  return out;
}

label_pairs node_labels(const json_reader& node) {
  const auto spec = node.field("Spec");
  const auto description = node.field("Description");
  const auto platform = description.field("Platform");
  const auto status = node.field("Status");
  label_pairs out = {{named("node_id"), node.text("ID")},
                     {named("node_role"), spec.text("Role")},
                     {named("node_availability"), spec.text("Availability")},
                     {named("node_hostname"), description.text("Hostname")},
                     {named("node_platform_architecture"), platform.text("Architecture")},
                     {named("node_platform_os"), platform.text("OS")},
                     {named("node_engine_version"), description.field("Engine").text("EngineVersion")},
                     {named("node_status"), status.text("State")},
                     {named("node_address"), status.text("Addr")}};
  if (const auto manager = node.field("ManagerStatus"); !manager.is_null()) {
    out.emplace_back(named("node_manager_leader"), docker::to_text(manager.boolean("Leader")));
    out.emplace_back(named("node_manager_reachability"), manager.text("Reachability"));
    out.emplace_back(named("node_manager_address"), manager.text("Addr"));
  }
  docker::add_labels(out, named("node_label_"), spec);
  return out;
}

std::vector<swarm_port> tcp_ports(const json_reader& holder) {
  std::vector<swarm_port> out;
  holder.field("Ports").each([&](const json_reader& port) {
    if (port.text("Protocol") == "tcp")
      out.push_back({port.text("Name"), port.text("PublishMode"), port.integer("PublishedPort")});
  });
  return out;
}

label_pairs labels_of_service_targets(const json_reader& service) {
  const auto spec = service.field("Spec");
  const auto task = spec.field("TaskTemplate");
  const auto container = task.field("ContainerSpec");
  auto out = service_labels(service);
  out.emplace_back(named("service_task_container_hostname"), container.text("Hostname"));
  out.emplace_back(named("service_task_container_image"), container.text("Image"));
  out.emplace_back(named("service_updating_status"), service.field("UpdateStatus").text("State"));
  return out;
}

}  // namespace

void swarm_reader::read_networks(const json_reader& list) { networks_ = docker::network_labels(list, prefix); }

void swarm_reader::read_services(const json_reader& list) {
  list.each([this](const json_reader& service) {
    auto id = service.text("ID");
    services_[id] = service_labels(service);
    ports_[id] = tcp_ports(service.field("Endpoint"));
  });
}

void swarm_reader::read_nodes(const json_reader& list) {
  list.each([this](const json_reader& node) {
    auto id = node.text("ID");
    nodes_[id] = node_labels(node);
    node_addresses_[id] = node.field("Status").text("Addr");
  });
}

void swarm_reader::make_service_targets(const json_reader& list) {
  list.each([this](const json_reader& service) {
    const auto common = labels_of_service_targets(service);
    const auto endpoint = service.field("Endpoint");
    const auto ports = tcp_ports(endpoint);
    endpoint.field("VirtualIPs").each([&](const json_reader& virtual_ip) {
      auto ip = read_address(virtual_ip, virtual_ip.text("Addr"));
      auto pairs = common;
      append(pairs, networks_, virtual_ip.text("NetworkID"));
      for (const auto& port : ports) {
        auto of_port = pairs;
        of_port.emplace_back(named("service_endpoint_port_name"), port.name);
        of_port.emplace_back(named("service_endpoint_port_publish_mode"), port.publish_mode);
        add_target(join_host_port(ip, port.number), std::move(of_port));
      }
      if (ports.empty()) add_target(join_host_port(ip, port_), std::move(pairs));
    });
  });
}

void swarm_reader::make_node_targets(const json_reader& list) {
  list.each([this](const json_reader& node) {
    add_target(join_host_port(node.field("Status").text("Addr"), port_), node_labels(node));
  });
}

void swarm_reader::make_task_targets(const json_reader& list) {
  list.each([this](const json_reader& task) { add_task(task); });
}

void swarm_reader::add_task(const json_reader& task) {
  const auto common = task_labels(task);
  add_host_ports(task, common);
  task.field("NetworksAttachments").each([&](const json_reader& attachment) {
    auto pairs = common;
    append(pairs, networks_, attachment.field("Network").text("ID"));
    attachment.field("Addresses").each([&](const json_reader& address) {
      add_task_address(read_address(address, address.text()), task.text("ServiceID"), pairs);
    });
  });
}

docker::label_pairs swarm_reader::task_labels(const json_reader& task) const {
  const auto status = task.field("Status");
  const auto spec = task.field("Spec");
  label_pairs out = {{named("task_id"), task.text("ID")},
                     {named("task_desired_state"), task.text("DesiredState")},
                     {named("task_state"), status.text("State")},
                     {named("task_slot"), std::to_string(task.integer("Slot"))},
                     {named("task_container_id"), status.field("ContainerStatus").text("ContainerID")}};
  docker::add_labels(out, named("container_label_"), spec.field("ContainerSpec"));
  append(out, services_, task.text("ServiceID"));
  append(out, nodes_, task.text("NodeID"));
  return out;
}

// The ports of a task that are published on its own node.
void swarm_reader::add_host_ports(const json_reader& task, const label_pairs& common) {
  auto node = node_addresses_.find(task.text("NodeID"));
  const std::string host = node == node_addresses_.end() ? std::string() : node->second;
  const auto status = task.field("Status");
  for (const auto& port : tcp_ports(status.field("PortStatus"))) add_task_port(host, port, common);
}

// A task's address in one of its networks, with the ports of its service.
void swarm_reader::add_task_address(const std::string& ip, const std::string& service, const label_pairs& common) {
  auto ports = ports_.find(service);
  if (ports == ports_.end() || ports->second.empty()) return add_target(join_host_port(ip, port_), common);
  for (const auto& port : ports->second) add_task_port(ip, port, common);
}

void swarm_reader::add_task_port(const std::string& host, const swarm_port& port, label_pairs pairs) {
  pairs.emplace_back(named("task_port_publish_mode"), port.publish_mode);
  add_target(join_host_port(host, port.number), std::move(pairs));
}

void swarm_reader::add_target(std::string address, label_pairs pairs) {
  pairs.emplace_back(address_label, std::move(address));
  targets_.push_back(labels::of(std::move(pairs)));
}

}  // namespace rollcall
