#include "actors/discovery/nerve_sd/nerve_sd.hpp"

#include "actors/discovery/zookeeper/member_json.hpp"
#include "actors/discovery/zookeeper/zookeeper_discoverer.hpp"
#include "lib/labels/names.hpp"
#include "lib/targets/host_port.hpp"

namespace rollcall {

namespace {

using member::json;

labels make_target(const json& member, const std::string& path) {
  auto host = member::text(member, "host");
  auto port = member::number(member, "port");
  return labels::of({{std::string(address_label), join_host_port(host, port)},
                     {"__meta_nerve_path", path},
                     {"__meta_nerve_endpoint_host", host},
                     {"__meta_nerve_endpoint_port", std::to_string(port)},
                     {"__meta_nerve_endpoint_name", member::text(member, "name")}});
}

sd_options_ptr parse(yaml_reader& reader, const job_facts&) { return read_zookeeper_section(reader, "nerve"); }

discoverer_actor spawn(caf::actor_system& system, const sd_options_ptr& options, discoverer_context context) {
  return spawn_zookeeper_discoverer(system, "nerve", options, parse_nerve_member, std::move(context));
}

}  // namespace

result<labels> parse_nerve_member(std::string_view data, const std::string& path) {
  return member::read_member(data, [&](const json& member) { return make_target(member, path); });
}

discovery_mechanism nerve_sd() { return {{.name = "nerve", .key = "nerve_sd_configs", .parse = parse}, spawn}; }

}  // namespace rollcall
