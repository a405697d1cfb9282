#include "actors/discovery/zookeeper/zookeeper_options.hpp"

#include "config/yaml_reader.hpp"
#include "config/yaml_writer.hpp"

#include <fmt/format.h>

namespace rollcall {

namespace {

/// Whether ZooKeeper takes it for a path.
bool is_valid_path(std::string_view path) {
  if (path == "/") return true;
  if (path.ends_with('/')) return false;
  for (auto part : {"//", "/./", "/../"})
    if (path.find(part) != std::string_view::npos) return false;
  return !path.ends_with("/.") && !path.ends_with("/..") && path.find('\0') == std::string_view::npos;
}

}  // namespace

bool zookeeper_sd_options::equals(const sd_options& other) const {
  const auto& theirs = static_cast<const zookeeper_sd_options&>(other);
  return servers == theirs.servers && paths == theirs.paths && timeout == theirs.timeout;
}

void zookeeper_sd_options::write(yaml_writer& writer) const {
  writer.item([&] {
    writer.field("servers", servers);
    writer.field("paths", paths);
    writer.field("timeout", timeout);
  });
}

sd_options_ptr read_zookeeper_section(yaml_reader& reader, std::string_view name) {
  auto out = std::make_shared<zookeeper_sd_options>();
  reader.read("servers", out->servers);
  reader.read("paths", out->paths);
  reader.read_positive("timeout", out->timeout);
  if (out->servers.empty())
    reader.report_at("servers", fmt::format("{} SD config must contain at least one Zookeeper server", name));
  if (out->paths.empty()) reader.report_at("paths", fmt::format("{} SD config must contain at least one path", name));
  for (size_t i = 0; i < out->paths.size(); ++i) {
    const auto& path = out->paths[i];
    if (!path.starts_with('/'))
      reader.report_at("paths", i, fmt::format("{} SD config paths must begin with '/': {}", name, path));
    else if (!is_valid_path(path))
      reader.report_at("paths", i, fmt::format("{} SD config path is none that ZooKeeper has: {}", name, path));
  }
  return out;
}

}  // namespace rollcall
