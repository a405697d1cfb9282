#include "actors/discovery/dns_sd/dns_sd_options.hpp"

#include "config/yaml_reader.hpp"
#include "config/yaml_writer.hpp"

#include <fmt/format.h>

#include <array>

namespace rollcall {
namespace {

constexpr uint64_t port_max = 65535;
constexpr std::array<std::pair<std::string_view, dns::record_type>, 5> type_names = {{{"SRV", dns::record_type::srv},
                                                                                      {"A", dns::record_type::a},
                                                                                      {"AAAA", dns::record_type::aaaa},
                                                                                      {"MX", dns::record_type::mx},
                                                                                      {"NS", dns::record_type::ns}}};

void read_type(yaml_reader& reader, dns::record_type& out) {
  std::string name;
  if (!reader.read("type", name)) return;
  std::string upper = name;
  for (auto& c : upper)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  for (const auto& [known, type] : type_names)
    if (known == upper) {
      out = type;
      return;
    }
  reader.report_at("type", fmt::format("invalid DNS-SD records type {}", name));
}

sd_options_ptr parse(yaml_reader& reader, const job_facts&) {
  auto out = std::make_shared<dns_sd_options>();
  reader.read("names", out->names);
  if (out->names.empty()) reader.report_at("names", "DNS-SD config must contain at least one SRV record name");
  reader.read_positive("refresh_interval", out->refresh_interval);
  read_type(reader, out->type);
  uint64_t port = 0;
  reader.read("port", port);
  if (port > port_max) reader.report_at("port", fmt::format("port must be at most {}", port_max));
  if (port == 0 && out->type != dns::record_type::srv)
    reader.report_at("port", "a port is required in DNS-SD configs for all record types except SRV");
  out->port = static_cast<uint16_t>(port);
  return out;
}

}  // namespace

bool dns_sd_options::equals(const sd_options& other) const {
  const auto& theirs = static_cast<const dns_sd_options&>(other);
  return names == theirs.names && refresh_interval == theirs.refresh_interval && type == theirs.type &&
         port == theirs.port;
}

void dns_sd_options::write(yaml_writer& writer) const {
  writer.item([&] {
    writer.field("names", names);
    writer.field("refresh_interval", refresh_interval);
    for (const auto& [name, known] : type_names)
      if (known == type) writer.field("type", name);
    writer.field("port", uint64_t{port});
  });
}

mechanism dns_sd_configuration() { return {.name = "dns", .key = "dns_sd_configs", .parse = parse}; }

}  // namespace rollcall
