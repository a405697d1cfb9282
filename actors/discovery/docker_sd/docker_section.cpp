#include "actors/discovery/docker_sd/docker_section.hpp"

#include "config/http_section.hpp"
#include "config/url.hpp"

#include <fmt/format.h>

namespace rollcall {

namespace {

constexpr uint64_t port_max = 65535;

void read_host(yaml_reader& reader, docker_section& out) {
  reader.read("host", out.host);
  if (out.host.empty()) return reader.report_at("host", "host missing");
  auto address = parse_docker_host(out.host);
  if (address)
    out.address = std::move(*address);
  else if (address.error().code == errc::unsupported)
    reader.report_unsupported("host", address.error().message);
  else
    reader.report_at("host", address.error().message, address.error().code);
}

}  // namespace

void read_docker_section(yaml_reader& reader, docker_section& out) {
  read_host(reader, out);
  reader.read_list("filters", "filter", "empty or null filter", [&](yaml_reader& fields) {
    auto& filter = out.filters.emplace_back();
    fields.read("name", filter.name);
    fields.read("values", filter.values);
  });
  uint64_t port = out.port;
  reader.read("port", port);
  if (port > port_max) reader.report_at("port", fmt::format("port must be at most {}", port_max));
  out.port = static_cast<uint16_t>(port);
  reader.read_positive("refresh_interval", out.refresh_interval);
  read_http_section(reader, out.client);
}

void write_docker_section(yaml_writer& writer, const docker_section& section) {
  writer.field("host", redacted_url(section.host));
  if (!section.filters.empty())
    writer.list("filters", [&] {
      for (const auto& filter : section.filters)
        writer.item([&] {
          writer.field("name", filter.name);
          writer.field("values", filter.values);
        });
    });
  writer.field("port", uint64_t{section.port});
  writer.field("refresh_interval", section.refresh_interval);
  write_http_section(writer, section.client);
}

}  // namespace rollcall
