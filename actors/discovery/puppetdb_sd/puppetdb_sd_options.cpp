#include "actors/discovery/puppetdb_sd/puppetdb_sd_options.hpp"

#include "config/http_section.hpp"
#include "config/url.hpp"

namespace rollcall {
namespace {

sd_options_ptr parse(yaml_reader& reader, const job_facts&) {
  auto out = std::make_shared<puppetdb_sd_options>();
  reader.read("url", out->url);
  if (auto valid = check_http_url(out->url); !valid) reader.report_at("url", valid.error().message, valid.error().code);
  reader.read("query", out->query);
  if (out->query.empty()) reader.report_at("query", "query missing");
  reader.read("include_parameters", out->include_parameters);
  reader.read("port", out->port);
  reader.read_positive("refresh_interval", out->refresh_interval);
  read_http_section(reader, out->client);
  return out;
}

}  // namespace

bool puppetdb_sd_options::equals(const sd_options& other) const {
  const auto& theirs = static_cast<const puppetdb_sd_options&>(other);
  return url == theirs.url && query == theirs.query && include_parameters == theirs.include_parameters &&
         port == theirs.port && refresh_interval == theirs.refresh_interval && client == theirs.client;
}

void puppetdb_sd_options::write(yaml_writer& writer) const {
  writer.item([&] {
    writer.field("url", redacted_url(url));
    writer.field("query", query);
    writer.field("include_parameters", include_parameters);
    writer.field("port", port);
    writer.field("refresh_interval", refresh_interval);
    write_http_section(writer, client);
  });
}

mechanism puppetdb_sd_configuration() { return {.name = "puppetdb", .key = "puppetdb_sd_configs", .parse = parse}; }

}  // namespace rollcall
