#include "actors/discovery/serverset_sd/serverset_sd.hpp"

#include "actors/discovery/json_reader.hpp"
#include "actors/discovery/zookeeper/zookeeper_discoverer.hpp"
#include "lib/labels/names.hpp"
#include "lib/targets/host_port.hpp"

namespace rollcall {

namespace {

constexpr std::string_view prefix = "__meta_serverset_";

std::string named(std::string_view name) { return std::string(prefix) + std::string(name); }

labels make_target(const json_reader& member, const std::string& path) {
  const auto endpoint = member.field("serviceEndpoint");
  auto host = endpoint.text("host");
  auto port = endpoint.integer("port");
  std::vector<std::pair<std::string, std::string>> pairs = {{std::string(address_label), join_host_port(host, port)},
                                                            {named("path"), path},
                                                            {named("endpoint_host"), host},
                                                            {named("endpoint_port"), std::to_string(port)},
                                                            {named("status"), member.text("status")},
                                                            {named("shard"), std::to_string(member.integer("shard"))}};
  member.field("additionalEndpoints").entries([&](const std::string& name, const json_reader& other) {
    auto suffix = sanitize_label_name(name);
    pairs.emplace_back(named("endpoint_host_" + suffix), other.text("host"));
    pairs.emplace_back(named("endpoint_port_" + suffix), std::to_string(other.integer("port")));
  });
  return labels::of(std::move(pairs));
}

sd_options_ptr parse(yaml_reader& reader, const job_facts&) { return read_zookeeper_section(reader, "serverset"); }

discoverer_actor spawn(caf::actor_system& system, const sd_options_ptr& options, discoverer_context context) {
  return spawn_zookeeper_discoverer(system, "serverset", options, parse_serverset_member, std::move(context));
}

}  // namespace

result<labels> parse_serverset_member(std::string_view data, const std::string& path) {
  labels target;
  auto read =
      read_json(data, [&](const json_reader& member) { target = make_target(member, path); }, null_document::zero);
  if (!read) return tl::unexpected(std::move(read.error()));
  return target;
}

discovery_mechanism serverset_sd() {
  return {{.name = "serverset", .key = "serverset_sd_configs", .parse = parse}, spawn};
}

}  // namespace rollcall
