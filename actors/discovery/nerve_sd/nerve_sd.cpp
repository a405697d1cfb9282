#include "actors/discovery/nerve_sd/nerve_sd.hpp"

#include "actors/discovery/json_reader.hpp"
#include "actors/discovery/zookeeper/zookeeper_discoverer.hpp"
#include "lib/labels/names.hpp"
#include "lib/targets/host_port.hpp"

namespace rollcall {

namespace {

labels make_target(const json_reader& member, const std::string& path) {
  auto host = member.text("host");
  auto port = member.integer("port");
  return labels::of({{std::string(address_label), join_host_port(host, port)},
                     {"__meta_nerve_path", path},
                     {"__meta_nerve_endpoint_host", host},
                     {"__meta_nerve_endpoint_port", std::to_string(port)},
                     {"__meta_nerve_endpoint_name", member.text("name")}});
}

sd_options_ptr parse(yaml_reader& reader, const job_facts&) { return read_zookeeper_section(reader, "nerve"); }

discoverer_actor spawn(caf::actor_system& system, const sd_options_ptr& options, discoverer_context context) {
  return spawn_zookeeper_discoverer(system, "nerve", options, parse_nerve_member, std::move(context));
}

}  // namespace

result<labels> parse_nerve_member(std::string_view data, const std::string& path) {
  labels target;
  auto read =
      read_json(data, [&](const json_reader& member) { target = make_target(member, path); }, null_document::zero);
  if (!read) return tl::unexpected(std::move(read.error()));
  return target;
}

discovery_mechanism nerve_sd() { return {{.name = "nerve", .key = "nerve_sd_configs", .parse = parse}, spawn}; }

}  // namespace rollcall
