#include "actors/discovery/nomad_sd/nomad_sd_options.hpp"

#include "config/http_section.hpp"
#include "config/url.hpp"

namespace rollcall {
namespace {

sd_options_ptr parse(yaml_reader& reader, const job_facts&) {
  auto out = std::make_shared<nomad_sd_options>();
  reader.read("server", out->server);
  if (out->server.find_first_not_of(" \t\r\n") == std::string::npos)
    reader.report_at("server", "nomad SD configuration requires a server address");
  else if (auto valid = check_http_url(out->server); !valid)
    reader.report_at("server", valid.error().message, valid.error().code);
  reader.read("namespace", out->name_space);
  reader.read("region", out->region);
  reader.read("tag_separator", out->tag_separator);
  reader.read("allow_stale", out->allow_stale);
  reader.read_positive("refresh_interval", out->refresh_interval);
  read_http_section(reader, out->client);
  return out;
}

}  // namespace

bool nomad_sd_options::equals(const sd_options& other) const {
  const auto& theirs = static_cast<const nomad_sd_options&>(other);
  return server == theirs.server && name_space == theirs.name_space && region == theirs.region &&
         tag_separator == theirs.tag_separator && allow_stale == theirs.allow_stale &&
         refresh_interval == theirs.refresh_interval && client == theirs.client;
}

void nomad_sd_options::write(yaml_writer& writer) const {
  writer.item([&] {
    writer.field("server", redacted_url(server));
    writer.field("namespace", name_space);
    writer.field("region", region);
    writer.field("tag_separator", tag_separator);
    writer.field("allow_stale", allow_stale);
    writer.field("refresh_interval", refresh_interval);
    write_http_section(writer, client);
  });
}

mechanism nomad_sd_configuration() { return {.name = "nomad", .key = "nomad_sd_configs", .parse = parse}; }

}  // namespace rollcall
