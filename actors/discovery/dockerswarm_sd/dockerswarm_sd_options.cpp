#include "actors/discovery/dockerswarm_sd/dockerswarm_sd_options.hpp"

#include <fmt/format.h>

#include <array>

namespace rollcall {
namespace {

constexpr std::array<std::pair<std::string_view, swarm_role>, 3> role_names = {
    {{"services", swarm_role::services}, {"tasks", swarm_role::tasks}, {"nodes", swarm_role::nodes}}};

void read_role(yaml_reader& reader, swarm_role& out) {
  std::string name;
  reader.read("role", name);
  if (name.empty()) return reader.report_at("role", "role missing (one of: tasks, services, nodes)");
  for (const auto& [known, role] : role_names)
    if (known == name) {
      out = role;
      return;
    }
  reader.report_at("role", fmt::format("invalid role {}, expected tasks, services, or nodes", name));
}

sd_options_ptr parse(yaml_reader& reader, const job_facts&) {
  auto out = std::make_shared<dockerswarm_sd_options>();
  read_docker_section(reader, out->common);
  read_role(reader, out->role);
  return out;
}

}  // namespace

bool dockerswarm_sd_options::equals(const sd_options& other) const {
  const auto& theirs = static_cast<const dockerswarm_sd_options&>(other);
  return common == theirs.common && role == theirs.role;
}

void dockerswarm_sd_options::write(yaml_writer& writer) const {
  writer.item([&] {
    write_docker_section(writer, common);
    for (const auto& [name, known] : role_names)
      if (known == role) writer.field("role", name);
  });
}

mechanism dockerswarm_sd_configuration() {
  return {.name = "dockerswarm", .key = "dockerswarm_sd_configs", .parse = parse};
}

}  // namespace rollcall
