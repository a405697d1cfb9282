#include "actors/discovery/docker_sd/docker_sd_options.hpp"

namespace rollcall {
namespace {

sd_options_ptr parse(yaml_reader& reader, const job_facts&) {
  auto out = std::make_shared<docker_sd_options>();
  read_docker_section(reader, out->common);
  reader.read("host_networking_host", out->host_networking_host);
  reader.read("match_first_network", out->match_first_network);
  return out;
}

}  // namespace

bool docker_sd_options::equals(const sd_options& other) const {
  const auto& theirs = static_cast<const docker_sd_options&>(other);
  return common == theirs.common && host_networking_host == theirs.host_networking_host &&
         match_first_network == theirs.match_first_network;
}

void docker_sd_options::write(yaml_writer& writer) const {
  writer.item([&] {
    write_docker_section(writer, common);
    writer.field("host_networking_host", host_networking_host);
    writer.field("match_first_network", match_first_network);
  });
}

mechanism docker_sd_configuration() { return {.name = "docker", .key = "docker_sd_configs", .parse = parse}; }

}  // namespace rollcall
