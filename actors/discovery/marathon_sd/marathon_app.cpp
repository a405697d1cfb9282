#include "actors/discovery/marathon_sd/marathon_app.hpp"

#include "actors/discovery/discovery_text.hpp"
#include "lib/labels/names.hpp"

#include <utility>
#include <vector>

namespace rollcall {

namespace {

using label_pairs = std::vector<std::pair<std::string, std::string>>;

/// A port that an app declares; 0 means that each task has its own.
struct declared_port {
  int64_t number = 0;
  label_pairs labels;
};

enum class network : unsigned char { host, container };

std::vector<declared_port> read_ports(const json_reader& list, std::string_view number_key, const std::string& prefix) {
  std::vector<declared_port> ports;
  list.each([&](const json_reader& each) {
    auto& port = ports.emplace_back();
    if (!number_key.empty()) port.number = each.integer(number_key);
    for (const auto& [name, value] : each.text_map("labels"))
      port.labels.emplace_back(prefix + sanitize_label_name(name), value);
  });
  return ports;
}

// Mappings stand below the container since Marathon 1.5, and before that below its docker. In a container's network a
// task is reached at the container's port, otherwise at the one of the host. The port of a definition is that of a load
// balancer, unless the app requires just this one.
std::vector<declared_port> read_declared_ports(const json_reader& app, network where) {
  auto container = app.field("container");
  auto docker = container.field("docker");
  std::string_view number = where == network::container ? "containerPort" : "hostPort";
  for (const json_reader* place : {&container, &docker}) {
    auto ports = read_ports(place->field("portMappings"), number, "__meta_marathon_port_mapping_label_");
    if (!ports.empty()) return ports;
  }
  return read_ports(app.field("portDefinitions"), app.boolean("requirePorts") ? "port" : "",
                    "__meta_marathon_port_definition_label_");
}

std::vector<int64_t> read_task_ports(const json_reader& task) {
  std::vector<int64_t> ports;
  auto list = task.field("ports");
  list.each([&](const json_reader& port) { ports.push_back(port.integer()); });
  return ports;
}

std::string read_host(const json_reader& task, network where) {
  std::string address;
  bool found = false;
  auto addresses = task.field("ipAddresses");
  addresses.each([&](const json_reader& each) {
    if (!std::exchange(found, true)) address = each.text("ipAddress");
  });
  return where == network::container && found ? address : task.text("host");
}

void add_task(const json_reader& task, network where, std::vector<declared_port> ports, target_group& group) {
  auto own = read_task_ports(task);
  if (ports.empty()) ports.resize(own.size());
  auto host = read_host(task, where);
  auto id = task.text("id");
  for (size_t i = 0; i < ports.size(); ++i) {
    auto number = ports[i].number;
    if (number == 0 && own.size() == ports.size()) number = own[i];
    label_pairs pairs = {{std::string(address_label), join_host_port(host, std::to_string(number))},
                         {"__meta_marathon_task", id},
                         {"__meta_marathon_port_index", std::to_string(i)}};
    for (const auto& label : ports[i].labels) pairs.push_back(label);
    group.targets.push_back(labels::of(std::move(pairs)));
  }
}

}  // namespace

target_group read_marathon_app(const json_reader& app) {
  target_group group;
  group.source = app.text("id");
  auto container = app.field("container");
  auto docker = container.field("docker");
  label_pairs common = {{"__meta_marathon_app", group.source}, {"__meta_marathon_image", docker.text("image")}};
  for (const auto& [name, value] : app.text_map("labels"))
    common.emplace_back("__meta_marathon_app_label_" + sanitize_label_name(name), value);
  group.common = labels::of(std::move(common));
  std::vector<std::string> modes;
  auto networks = app.field("networks");
  networks.each([&](const json_reader& each) { modes.push_back(each.text("mode")); });
  auto where = !modes.empty() && modes.front() == "container" ? network::container : network::host;
  auto ports = read_declared_ports(app, where);
  auto tasks = app.field("tasks");
  tasks.each([&](const json_reader& task) { add_task(task, where, ports, group); });
  return group;
}

}  // namespace rollcall
