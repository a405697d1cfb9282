#include "actors/discovery/docker_sd/docker_sd.hpp"

#include "actors/discovery/docker_sd/docker_answer.hpp"
#include "actors/discovery/polling_discoverer.hpp"
#include "lib/http/url.hpp"
#include "lib/labels/names.hpp"
#include "lib/targets/host_port.hpp"

#include <algorithm>

namespace rollcall {

namespace {

using docker::json;
using docker::label_pairs;

// More than any sane number of containers; a daemon that sends more is refused rather than believed.
constexpr uint64_t body_bytes_max = 256u << 20;
constexpr std::string_view prefix = "__meta_docker_";

std::string named(std::string_view name) { return std::string(prefix) + std::string(name); }

/// Makes targets of containers.
class container_reader {
 public:
  container_reader(const docker_sd_options& options, const json& containers, const json& networks)
      : options_(options), containers_(containers), network_labels_(docker::network_labels(networks, prefix)) {
    for (const auto& container : containers) by_id_[docker::text(container, "Id")] = &container;
  }

  target_group read() {
    group_.source = "Docker";
    for (const auto& container : containers_)
      if (!docker::items(container, "Names").empty()) read_container(container);
    return std::move(group_);
  }

 private:
  static std::string network_mode(const json& container) {
    return docker::text(docker::field(container, "HostConfig"), "NetworkMode");
  }
  static const json& networks(const json& container) {
    return docker::field(docker::field(container, "NetworkSettings"), "Networks");
  }

  /// The networks a container is in: its own, or those of the container whose network it shares, over any number of
  /// steps. A circle of containers has none.
  const json& networks_of(const json& container) const {
    constexpr std::string_view shared = "container:";
    const auto* at = &container;
    for (size_t steps = 0; steps <= by_id_.size(); ++steps) {
      if (!networks(*at).empty()) break;
      auto mode = network_mode(*at);
      if (!mode.starts_with(shared)) break;
      auto other = by_id_.find(mode.substr(shared.size()));
      if (other == by_id_.end()) break;
      at = other->second;
    }
    return networks(*at);
  }

  void read_container(const json& container) {
    label_pairs common = {{named("container_id"), docker::text(container, "Id")},
                          {named("container_name"), docker::items(container, "Names").at(0).get<std::string>()},
                          {named("container_network_mode"), network_mode(container)},
                          {named("container_image"), docker::text(container, "Image")},
                          {named("container_image_id"), docker::text(container, "ImageID")}};
    docker::add_labels(common, named("container_label_"), container, "Labels");
    const auto& all = networks_of(container);
    if (all.is_null()) return;
    // In order of name.
    for (const auto& [name, network] : all.get_ref<const json::object_t&>()) {
      if (network.is_null()) continue;
      read_network(container, network, common);
      if (options_.match_first_network) return;
    }
  }

  void read_network(const json& container, const json& network, label_pairs pairs) {
    auto ip = docker::text(network, "IPAddress");
    if (ip.empty()) ip = docker::text(network, "GlobalIPv6Address");
    pairs.emplace_back(named("network_ip"), ip);
    auto known = network_labels_.find(docker::text(network, "NetworkID"));
    if (known != network_labels_.end()) pairs.insert(pairs.end(), known->second.begin(), known->second.end());
    bool has_port = false;
    for (const auto& port : docker::items(container, "Ports")) {
      if (docker::text(port, "Type") != "tcp") continue;
      has_port = true;
      add_port(ip, port, pairs);
    }
    if (has_port) return;
    // A container in the network of its host has no ports of its own.
    bool is_host = network_mode(container) == "host";
    add_target(is_host ? options_.host_networking_host : join_host_port(ip, options_.common.port), std::move(pairs));
  }

  void add_port(const std::string& ip, const json& port, label_pairs pairs) {
    auto own = docker::number(port, "PrivatePort");
    pairs.emplace_back(named("port_private"), std::to_string(own));
    if (auto outside = docker::number(port, "PublicPort"); outside > 0) {
      pairs.emplace_back(named("port_public"), std::to_string(outside));
      pairs.emplace_back(named("port_public_ip"), docker::text(port, "IP"));
    }
    add_target(join_host_port(ip, own), std::move(pairs));
  }

  void add_target(std::string address, label_pairs pairs) {
    pairs.emplace_back(address_label, std::move(address));
    group_.targets.push_back(labels::of(std::move(pairs)));
  }

  const docker_sd_options& options_;
  const json& containers_;
  std::map<std::string, label_pairs> network_labels_;
  std::map<std::string, const json*> by_id_;
  target_group group_;
};

result<std::vector<target_group>> read(const docker_sd_options& options, std::span<const http::response> answers) {
  auto containers = docker::parse_answer(answers[0]);
  if (!containers) return fail("error while listing containers", containers.error());
  auto networks = docker::parse_answer(answers[1]);
  if (!networks) return fail("error while computing network labels", networks.error());
  return docker::read_checked([&] { return std::vector{container_reader(options, *containers, *networks).read()}; });
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
