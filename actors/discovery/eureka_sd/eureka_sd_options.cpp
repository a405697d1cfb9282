#include "actors/discovery/eureka_sd/eureka_sd_options.hpp"

#include "config/http_section.hpp"
#include "config/url.hpp"

namespace rollcall {
namespace {

sd_options_ptr parse(yaml_reader& reader, const job_facts&) {
  auto out = std::make_shared<eureka_sd_options>();
  reader.read("server", out->server);
  if (out->server.empty())
    reader.report_at("server", "eureka_sd: empty or null eureka server");
  else if (!check_http_url(out->server))
    reader.report_at("server", "eureka_sd: invalid eureka server URL");
  reader.read_positive("refresh_interval", out->refresh_interval);
  read_http_section(reader, out->client);
  return out;
}

}  // namespace

bool eureka_sd_options::equals(const sd_options& other) const {
  const auto& theirs = static_cast<const eureka_sd_options&>(other);
  return server == theirs.server && refresh_interval == theirs.refresh_interval && client == theirs.client;
}

void eureka_sd_options::write(yaml_writer& writer) const {
  writer.item([&] {
    writer.field("server", redacted_url(server));
    writer.field("refresh_interval", refresh_interval);
    write_http_section(writer, client);
  });
}

mechanism eureka_sd_configuration() { return {.name = "eureka", .key = "eureka_sd_configs", .parse = parse}; }

}  // namespace rollcall
