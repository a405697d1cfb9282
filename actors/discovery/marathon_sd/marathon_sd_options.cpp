#include "actors/discovery/marathon_sd/marathon_sd_options.hpp"

#include "config/http_section.hpp"
#include "config/url.hpp"

namespace rollcall {
namespace {

void read_token(yaml_reader& reader, marathon_sd_options& out) {
  auto& token = out.auth_token;
  reader.read("auth_token", token.value);
  reader.read_path("auth_token_file", token.file);
  read_http_section(reader, out.client);
  std::string_view key = token.value.empty() ? "auth_token_file" : "auth_token";
  if (!token.value.empty() && !token.file.empty())
    reader.report_at("auth_token_file", "marathon_sd: at most one of auth_token & auth_token_file must be configured");
  if (token.empty()) return;
  if (out.client.basic_auth)
    reader.report_at(key, "marathon_sd: at most one of basic_auth, auth_token & auth_token_file must be configured");
  if (out.client.authorization)
    reader.report_at(key, reader.has("authorization")
                              ? "marathon_sd: at most one of auth_token, auth_token_file & authorization must be "
                                "configured"
                              : "marathon_sd: at most one of bearer_token, bearer_token_file, auth_token & "
                                "auth_token_file must be configured");
}

sd_options_ptr parse(yaml_reader& reader, const job_facts&) {
  auto out = std::make_shared<marathon_sd_options>();
  reader.read("servers", out->servers);
  if (out->servers.empty()) reader.report_at("servers", "marathon_sd: must contain at least one Marathon server");
  reader.read_positive("refresh_interval", out->refresh_interval);
  read_token(reader, *out);
  return out;
}

}  // namespace

bool marathon_sd_options::equals(const sd_options& other) const {
  const auto& theirs = static_cast<const marathon_sd_options&>(other);
  return servers == theirs.servers && refresh_interval == theirs.refresh_interval && auth_token == theirs.auth_token &&
         client == theirs.client;
}

void marathon_sd_options::write(yaml_writer& writer) const {
  std::vector<std::string> shown;
  for (const auto& server : servers) shown.push_back(redacted_url(server));
  writer.item([&] {
    writer.field("servers", shown);
    writer.field("refresh_interval", refresh_interval);
    writer.secret("auth_token", auth_token.value);
    writer.optional("auth_token_file", auth_token.file);
    write_http_section(writer, client);
  });
}

mechanism marathon_sd_configuration() { return {.name = "marathon", .key = "marathon_sd_configs", .parse = parse}; }

}  // namespace rollcall
