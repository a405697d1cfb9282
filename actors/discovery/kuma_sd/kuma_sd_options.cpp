#include "actors/discovery/kuma_sd/kuma_sd_options.hpp"

#include "config/http_section.hpp"
#include "config/url.hpp"

namespace rollcall {
namespace {

sd_options_ptr parse(yaml_reader& reader, const job_facts&) {
  auto out = std::make_shared<kuma_sd_options>();
  reader.read("server", out->server);
  if (out->server.empty())
    reader.report_at("server", "kuma SD server must not be empty");
  else if (!check_http_url(out->server))
    reader.report_at("server", "kuma SD server must not be empty and have a scheme");
  reader.read("client_id", out->client_id);
  reader.read_positive("refresh_interval", out->refresh_interval);
  reader.read("fetch_timeout", out->fetch_timeout);
  read_http_section(reader, out->client);
  return out;
}

}  // namespace

bool kuma_sd_options::equals(const sd_options& other) const {
  const auto& theirs = static_cast<const kuma_sd_options&>(other);
  return server == theirs.server && client_id == theirs.client_id && refresh_interval == theirs.refresh_interval &&
         fetch_timeout == theirs.fetch_timeout && client == theirs.client;
}

void kuma_sd_options::write(yaml_writer& writer) const {
  writer.item([&] {
    writer.field("server", redacted_url(server));
    writer.optional("client_id", client_id);
    writer.field("refresh_interval", refresh_interval);
    writer.field("fetch_timeout", fetch_timeout);
    write_http_section(writer, client);
  });
}

mechanism kuma_sd_configuration() { return {.name = "kuma", .key = "kuma_sd_configs", .parse = parse}; }

}  // namespace rollcall
