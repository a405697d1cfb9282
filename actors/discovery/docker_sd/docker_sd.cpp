#include "actors/discovery/docker_sd/docker_sd.hpp"

#include "actors/discovery/docker_sd/docker_answer.hpp"
#include "actors/discovery/polling_discoverer.hpp"
#include "lib/http/url.hpp"
#include "lib/labels/names.hpp"
#include "lib/targets/host_port.hpp"

#include <algorithm>

namespace rollcall {

namespace {

using docker::label_pairs;

// More than any sane number of containers; a daemon that sends more is refused rather than believed.
constexpr uint64_t body_bytes_max = 256u << 20;
constexpr std::string_view prefix = "__meta_docker_";

std::string named(std::string_view name) { return std::string(prefix) + std::string(name); }

/// Makes targets of containers.
class container_reader {
 public:
  container_reader(const docker_sd_options& options, std::map<std::string, label_pairs> network_labels)
      : options_(options), network_labels_(std::move(network_labels)) {}

  target_group read(const json_reader& containers) {
    group_.source = "Docker";
    containers.each([this](const json_reader& each) { by_id_.emplace(each.text("Id"), each); });
    containers.each([this](const json_reader& each) {
      const auto names = each.texts("Names");
      if (!names.empty()) read_container(each, names.front());
    });
    return std::move(group_);
  }

 private:
  static std::string network_mode(const json_reader& container) {
    return container.field("HostConfig").text("NetworkMode");
  }
  static bool has_networks(const json_reader& container) {
    return !container.field("NetworkSettings").field("Networks").value().empty();
  }

  /// Whose networks a container is in: its own, or those of the container whose network it shares, over any number of
  /// steps. In a circle of containers nobody has any.
  const json_reader& holder_of_networks(const json_reader& container) const {
    constexpr std::string_view shared = "container:";
    const auto* at = &container;
    for (size_t steps = 0; steps <= by_id_.size() && !has_networks(*at); ++steps) {
      auto mode = network_mode(*at);
      if (!mode.starts_with(shared)) break;
      auto other = by_id_.find(mode.substr(shared.size()));
      if (other == by_id_.end()) break;
      at = &other->second;
    }
    return *at;
  }

  void read_container(const json_reader& container, const std::string& name) {
    label_pairs common = {{named("container_id"), container.text("Id")},
                          {named("container_name"), name},
                          {named("container_network_mode"), network_mode(container)},
                          {named("container_image"), container.text("Image")},
                          {named("container_image_id"), container.text("ImageID")}};
    docker::add_labels(common, named("container_label_"), container);
    const auto settings = holder_of_networks(container).field("NetworkSettings");
    bool has_first = false;
    // In order of name.
    settings.field("Networks").entries([&](const std::string&, const json_reader& network) {
      if (network.is_null() || (has_first && options_.match_first_network)) return;
      has_first = true;
      read_network(container, network, common);
    });
  }

  void read_network(const json_reader& container, const json_reader& network, label_pairs pairs) {
    auto ip = network.text("IPAddress");
    if (ip.empty()) ip = network.text("GlobalIPv6Address");
    pairs.emplace_back(named("network_ip"), ip);
    auto known = network_labels_.find(network.text("NetworkID"));
    if (known != network_labels_.end()) pairs.insert(pairs.end(), known->second.begin(), known->second.end());
    bool has_port = false;
    container.field("Ports").each([&](const json_reader& port) {
      if (port.text("Type") != "tcp") return;
      has_port = true;
      add_port(ip, port, pairs);
    });
    if (has_port) return;
    // A container in the network of its host has no ports of its own.
    bool is_host = network_mode(container) == "host";
    add_target(is_host ? options_.host_networking_host : join_host_port(ip, options_.common.port), std::move(pairs));
  }

  void add_port(const std::string& ip, const json_reader& port, label_pairs pairs) {
    auto own = port.integer("PrivatePort");
    pairs.emplace_back(named("port_private"), std::to_string(own));
    if (auto outside = port.integer("PublicPort"); outside > 0) {
      pairs.emplace_back(named("port_public"), std::to_string(outside));
      pairs.emplace_back(named("port_public_ip"), port.text("IP"));
    }
    add_target(join_host_port(ip, own), std::move(pairs));
  }

  void add_target(std::string address, label_pairs pairs) {
    pairs.emplace_back(address_label, std::move(address));
    group_.targets.push_back(labels::of(std::move(pairs)));
  }

  const docker_sd_options& options_;
  const std::map<std::string, label_pairs> network_labels_;
  std::map<std::string, json_reader> by_id_;  // while the list is read
  target_group group_;
};

result<std::vector<target_group>> read(const docker_sd_options& options, std::span<const http::response> answers) {
  std::map<std::string, label_pairs> networks;
  auto networks_read = docker::read_answer(
      answers[1], [&](const json_reader& list) { networks = docker::network_labels(list, prefix); });
  std::vector<target_group> groups;
  auto containers_read = docker::read_answer(answers[0], [&](const json_reader& list) {
    groups.push_back(container_reader(options, std::move(networks)).read(list));
  });
  if (!containers_read) return fail("error while listing containers", containers_read.error());
  if (!networks_read) return fail("error while computing network labels", networks_read.error());
  return groups;
}

discoverer_actor spawn(caf::actor_system& system, const sd_options_ptr& options, discoverer_context context) {
  const auto& docker = static_cast<const docker_sd_options&>(*options);
  polling_options polling;
  polling.mechanism = "docker";
  polling.source = http::redact_password(docker.common.host);
  polling.interval = docker.common.refresh_interval;
  polling.begin_sequence = refresh_by(plan_docker_refresh(docker));
  return spawn_polling_discoverer(system, std::move(polling), std::move(context));
}

}  // namespace

request_plan plan_docker_refresh(const docker_sd_options& options) {
  const auto& common = options.common;
  return {{make_docker_request(common.address, common.client, "/containers/json", common.filters),
           make_docker_request(common.address, common.client, "/networks", {})},
          [options](std::span<const http::response> answers) { return read(options, answers); },
          body_bytes_max};
}

discovery_mechanism docker_sd() { return {docker_sd_configuration(), spawn}; }

}  // namespace rollcall
