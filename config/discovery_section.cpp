#include "config/scrape_section.hpp"
#include "lib/base/assert.hpp"

#include <fmt/format.h>

#include <array>

namespace rollcall {
namespace {

/// The names Prometheus registers, so that a mechanism it has and this version has not is told from a misspelt key.
constexpr std::array<std::string_view, 37> prometheus_mechanisms = {
    "static",       "file",    "http",     "dns",         "consul",   "kubernetes", "docker",   "dockerswarm",
    "nomad",        "eureka",  "marathon", "serverset",   "nerve",    "kuma",       "ec2",      "lightsail",
    "ecs",          "msk",     "rds",      "elasticache", "aws",      "azure",      "gce",      "openstack",
    "digitalocean", "hetzner", "linode",   "vultr",       "scaleway", "ionos",      "ovhcloud", "puppetdb",
    "triton",       "uyuni",   "stackit",  "outscale",    "oci"};

std::string key_of(std::string_view name) {
  return name == "static" ? "static_configs" : fmt::format("{}_sd_configs", name);
}

}  // namespace

void read_discovery_section(yaml_reader& reader, std::span<const mechanism> mechanisms, const job_facts& facts,
                            std::vector<sd_config>& out) {
  for (const auto& known : mechanisms) {
    auto keep = [&](yaml_reader& source) {
      auto options = known.parse(source, facts);
      ROLLCALL_ASSERT(options || source.failed());
      if (options) out.push_back({std::string(known.name), std::move(options)});
    };
    if (known.unit == mechanism::unit::section)
      reader.read_any(known.key, known.name, keep);
    else
      reader.read_list(known.key, known.name, fmt::format("empty or null section in {}", known.key), keep);
  }
  for (auto name : prometheus_mechanisms) {
    auto is_name = [&](const mechanism& known) { return known.name == name; };
    if (std::none_of(mechanisms.begin(), mechanisms.end(), is_name)) reader.refuse_unsupported(key_of(name));
  }
}

void write_discovery_section(yaml_writer& writer, const std::vector<sd_config>& configs,
                             std::span<const mechanism> mechanisms) {
  for (const auto& known : mechanisms) {
    auto is_one = [&](const sd_config& config) { return config.mechanism == known.name; };
    if (std::none_of(configs.begin(), configs.end(), is_one)) continue;
    writer.list(known.key, [&] {
      for (const auto& config : configs)
        if (is_one(config)) config.options->write(writer);
    });
  }
}

}  // namespace rollcall
