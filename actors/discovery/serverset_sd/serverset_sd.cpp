#include "actors/discovery/serverset_sd/serverset_sd.hpp"

#include "actors/discovery/zookeeper/member_json.hpp"
#include "actors/discovery/zookeeper/zookeeper_discoverer.hpp"
#include "lib/labels/names.hpp"
#include "lib/targets/host_port.hpp"

namespace rollcall {

namespace {

using member::json;

constexpr std::string_view prefix = "__meta_serverset_";

std::string named(std::string_view name) { return std::string(prefix) + std::string(name); }

labels make_target(const json& member, const std::string& path) {
  const auto& endpoint = member::field(member, "serviceEndpoint");
  auto host = member::text(endpoint, "host");
  auto port = member::number(endpoint, "port");
  std::vector<std::pair<std::string, std::string>> pairs = {
      {std::string(address_label), join_host_port(host, port)},
      {named("path"), path},
      {named("endpoint_host"), host},
      {named("endpoint_port"), std::to_string(port)},
      {named("status"), member::text(member, "status")},
      {named("shard"), std::to_string(member::number(member, "shard"))}};
  const auto& others = member::field(member, "additionalEndpoints");
  if (!others.is_null())
    for (const auto& [name, each] : others.get_ref<const json::object_t&>()) {
      auto suffix = sanitize_label_name(name);
      pairs.emplace_back(named("endpoint_host_" + suffix), member::text(each, "host"));
      pairs.emplace_back(named("endpoint_port_" + suffix), std::to_string(member::number(each, "port")));
    }
  return labels::of(std::move(pairs));
}

sd_options_ptr parse(yaml_reader& reader, const job_facts&) { return read_zookeeper_section(reader, "serverset"); }

discoverer_actor spawn(caf::actor_system& system, const sd_options_ptr& options, discoverer_context context) {
  return spawn_zookeeper_discoverer(system, "serverset", options, parse_serverset_member, std::move(context));
}

}  // namespace

result<labels> parse_serverset_member(std::string_view data, const std::string& path) {
  return member::read_member(data, [&](const json& member) { return make_target(member, path); });
}

discovery_mechanism serverset_sd() {
  return {{.name = "serverset", .key = "serverset_sd_configs", .parse = parse}, spawn};
}

}  // namespace rollcall
