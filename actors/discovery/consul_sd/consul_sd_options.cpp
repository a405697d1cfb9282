#include "actors/discovery/consul_sd/consul_sd_options.hpp"

#include "actors/discovery/consul_sd/consul_api.hpp"
#include "config/http_section.hpp"
#include "lib/http/url.hpp"

namespace rollcall {
namespace {

void read_server(yaml_reader& reader, consul_sd_options& out) {
  reader.read("server", out.server);
  if (out.server.find_first_not_of(" \t\r\n") == std::string::npos)
    return reader.report_at("server", "consul SD configuration requires a server address");
  reader.read("scheme", out.scheme);
  if (out.scheme != "http" && out.scheme != "https")
    return reader.report_at("scheme", "consul SD scheme must be 'http' or 'https'");
  reader.read("path_prefix", out.path_prefix);
  auto place = consul_place_of(out);
  if (auto valid = http::parse_url(place.base); !valid)
    reader.report_at("server", valid.error().message, valid.error().code);
}

void read_credentials(yaml_reader& reader, consul_sd_options& out) {
  http::basic_auth login;
  reader.read("username", login.username.value);
  reader.read("password", login.password.value);
  reader.read("token", out.token);
  read_http_section(reader, out.client);
  if (login != http::basic_auth{}) {
    if (out.client.basic_auth)
      reader.report_at("basic_auth",
                       "at most one of consul SD configuration username and password and basic auth can be configured");
    out.client.basic_auth = std::move(login);
  }
  if (!out.token.empty() && (out.client.authorization || !std::holds_alternative<std::monostate>(out.client.identity)))
    reader.report_at("token", "at most one of consul SD token, authorization, or oauth2 can be configured");
}

sd_options_ptr parse(yaml_reader& reader, const job_facts&) {
  auto out = std::make_shared<consul_sd_options>();
  read_server(reader, *out);
  reader.read("datacenter", out->datacenter);
  reader.read("namespace", out->name_space);
  reader.read("partition", out->partition);
  reader.read("tag_separator", out->tag_separator);
  reader.read("allow_stale", out->allow_stale);
  reader.read_positive("refresh_interval", out->refresh_interval);
  reader.read("services", out->services);
  reader.read("tags", out->tags);
  reader.read("node_meta", out->node_meta);
  reader.read("filter", out->filter);
  reader.read("health_filter", out->health_filter);
  read_credentials(reader, *out);
  return out;
}

}  // namespace

bool consul_sd_options::equals(const sd_options& other) const {
  const auto& theirs = static_cast<const consul_sd_options&>(other);
  return server == theirs.server && path_prefix == theirs.path_prefix && token == theirs.token &&
         datacenter == theirs.datacenter && name_space == theirs.name_space && partition == theirs.partition &&
         tag_separator == theirs.tag_separator && scheme == theirs.scheme && allow_stale == theirs.allow_stale &&
         refresh_interval == theirs.refresh_interval && services == theirs.services && tags == theirs.tags &&
         node_meta == theirs.node_meta && filter == theirs.filter && health_filter == theirs.health_filter &&
         client == theirs.client;
}

void consul_sd_options::write(yaml_writer& writer) const {
  writer.item([&] {
    writer.field("server", server);
    writer.optional("path_prefix", path_prefix);
    writer.secret("token", token);
    writer.optional("datacenter", datacenter);
    writer.optional("namespace", name_space);
    writer.optional("partition", partition);
    writer.field("tag_separator", tag_separator);
    writer.field("scheme", scheme);
    writer.field("allow_stale", allow_stale);
    writer.field("refresh_interval", refresh_interval);
    writer.optional("services", services);
    writer.optional("tags", tags);
    writer.optional("node_meta", node_meta);
    writer.optional("filter", filter);
    writer.optional("health_filter", health_filter);
    write_http_section(writer, client);
  });
}

mechanism consul_sd_configuration() { return {.name = "consul", .key = "consul_sd_configs", .parse = parse}; }

}  // namespace rollcall
