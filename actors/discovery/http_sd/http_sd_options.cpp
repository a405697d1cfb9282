#include "actors/discovery/http_sd/http_sd_options.hpp"

#include "config/http_section.hpp"
#include "config/url.hpp"

namespace rollcall {
namespace {

sd_options_ptr parse(yaml_reader& reader, const job_facts&) {
  auto out = std::make_shared<http_sd_options>();
  reader.read("url", out->url);
  if (auto valid = check_http_url(out->url); !valid) reader.report_at("url", valid.error().message, valid.error().code);
  reader.read_positive("refresh_interval", out->refresh_interval);
  read_http_section(reader, out->client);
  return out;
}

}  // namespace

bool http_sd_options::equals(const sd_options& other) const {
  const auto& theirs = static_cast<const http_sd_options&>(other);
  return url == theirs.url && refresh_interval == theirs.refresh_interval && client == theirs.client;
}

void http_sd_options::write(yaml_writer& writer) const {
  writer.item([&] {
    writer.field("url", redacted_url(url));
    writer.field("refresh_interval", refresh_interval);
    write_http_section(writer, client);
  });
}

mechanism http_sd_configuration() { return {.name = "http", .key = "http_sd_configs", .parse = parse}; }

}  // namespace rollcall
