#include "actors/discovery/kubernetes_sd/kubernetes_sd_options.hpp"

#include "config/http_section.hpp"
#include "config/url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace rollcall {

namespace {

using kubernetes::resource;

constexpr std::array<resource, 6> roles = {
    resource::node, resource::pod, resource::service, resource::endpoints, resource::endpoint_slice, resource::ingress};

std::optional<resource> parse_role(std::string_view name) {
  auto found =
      std::find_if(roles.begin(), roles.end(), [&](resource each) { return kubernetes::facts_of(each).role == name; });
  return found == roles.end() ? std::nullopt : std::optional(*found);
}

/// The roles whose objects a role looks at, and may select.
std::vector<resource> selectable(resource role) {
  switch (role) {
    case resource::pod:
      return {resource::pod, resource::node};
    case resource::endpoint_slice:
      return {resource::pod, resource::service, resource::endpoint_slice};
    case resource::endpoints:
      return {resource::pod, resource::service, resource::endpoints};
    default:
      return {role};
  }
}

std::string_view name_of(resource role) { return kubernetes::facts_of(role).role; }

std::string names_of(const std::vector<resource>& roles) {
  std::string names;
  for (auto each : roles) names.append(names.empty() ? "" : ", ").append(name_of(each));
  return names;
}

void read_role(yaml_reader& reader, resource& out) {
  std::string name;
  reader.read("role", name);
  if (name.empty())
    return reader.report("role missing (one of: pod, service, endpoints, endpointslice, node, ingress)");
  if (auto role = parse_role(name))
    out = *role;
  else
    reader.report_at("role", fmt::format("unknown Kubernetes SD role \"{}\"", name));
}

void read_server(yaml_reader& reader, kubernetes_sd_options& out) {
  reader.read("api_server", out.api_server);
  reader.read_path("kubeconfig_file", out.kubeconfig_file);
  if (!out.api_server.empty())
    if (auto valid = check_http_url(out.api_server); !valid)
      reader.report_at("api_server", valid.error().message, valid.error().code);
  while (out.api_server.ends_with('/')) out.api_server.pop_back();
  read_http_section(reader, out.client);
  const bool has_client = out.client != http::client_config{};
  if (!out.kubeconfig_file.empty() && !out.api_server.empty())
    return reader.report_at("kubeconfig_file", "cannot use 'kubeconfig_file' and 'api_server' simultaneously");
  if (!out.kubeconfig_file.empty() && has_client)
    return reader.report_at("kubeconfig_file",
                            "cannot use a custom HTTP client configuration together with 'kubeconfig_file'");
  if (out.api_server.empty() && has_client)
    reader.report("to use custom HTTP client configuration please provide the 'api_server' URL explicitly");
}

void read_namespaces(yaml_reader& reader, kubernetes_sd_options& out) {
  reader.read_map("namespaces", "namespaces", [&](yaml_reader& fields) {
    fields.read("own_namespace", out.own_namespace);
    fields.read("names", out.namespaces);
  });
  std::sort(out.namespaces.begin(), out.namespaces.end());
  out.namespaces.erase(std::unique(out.namespaces.begin(), out.namespaces.end()), out.namespaces.end());
  if (out.own_namespace && !out.api_server.empty())
    reader.report_at("namespaces", "cannot use 'api_server' and 'namespaces.own_namespace' simultaneously");
  if (out.own_namespace && !out.kubeconfig_file.empty())
    reader.report_at("namespaces", "cannot use 'kubeconfig_file' and 'namespaces.own_namespace' simultaneously");
}

void read_selectors(yaml_reader& reader, kubernetes_sd_options& out) {
  reader.read_list("selectors", "selector", "empty or null selector", [&](yaml_reader& fields) {
    resource role = resource::pod;
    read_role(fields, role);
    kubernetes_selector selector;
    fields.read("label", selector.label);
    fields.read("field", selector.field);
    if (fields.failed()) return;
    auto allowed = selectable(out.role);
    if (std::find(allowed.begin(), allowed.end(), role) == allowed.end())
      return fields.report_at("role",
                              fmt::format("{} role supports only {} selectors", name_of(out.role), names_of(allowed)));
    if (!out.selectors.emplace(role, std::move(selector)).second)
      fields.report_at("role", fmt::format("duplicated selector role: {}", name_of(role)));
  });
}

void read_attached(yaml_reader& reader, kubernetes::attached_metadata& out) {
  reader.read_map("attach_metadata", "attach_metadata", [&](yaml_reader& fields) {
    fields.read("node", out.node);
    fields.read("namespace", out.name_space);
    fields.read("deployment", out.deployment);
    fields.read("job", out.job);
    fields.read("cronjob", out.cron_job);
  });
}

sd_options_ptr parse(yaml_reader& reader, const job_facts&) {
  auto out = std::make_shared<kubernetes_sd_options>();
  read_role(reader, out->role);
  read_server(reader, *out);
  read_namespaces(reader, *out);
  read_selectors(reader, *out);
  read_attached(reader, out->attach);
  return out;
}

void write_selectors(yaml_writer& writer, const std::map<resource, kubernetes_selector>& selectors) {
  if (selectors.empty()) return;
  writer.list("selectors", [&] {
    for (const auto& [role, selector] : selectors)
      writer.item([&] {
        writer.field("role", name_of(role));
        writer.optional("label", selector.label);
        writer.optional("field", selector.field);
      });
  });
}

}  // namespace

bool kubernetes_sd_options::equals(const sd_options& other) const {
  const auto& theirs = static_cast<const kubernetes_sd_options&>(other);
  return role == theirs.role && api_server == theirs.api_server && kubeconfig_file == theirs.kubeconfig_file &&
         own_namespace == theirs.own_namespace && namespaces == theirs.namespaces && selectors == theirs.selectors &&
         attach == theirs.attach && client == theirs.client;
}

void kubernetes_sd_options::write(yaml_writer& writer) const {
  writer.item([&] {
    writer.optional("api_server", redacted_url(api_server));
    writer.field("role", name_of(role));
    writer.optional("kubeconfig_file", kubeconfig_file);
    write_http_section(writer, client);
    if (own_namespace || !namespaces.empty())
      writer.map("namespaces", [&] {
        writer.field("own_namespace", own_namespace);
        writer.optional("names", namespaces);
      });
    write_selectors(writer, selectors);
    if (attach != kubernetes::attached_metadata{})
      writer.map("attach_metadata", [&] {
        writer.optional("node", attach.node);
        writer.optional("namespace", attach.name_space);
        writer.optional("deployment", attach.deployment);
        writer.optional("job", attach.job);
        writer.optional("cronjob", attach.cron_job);
      });
  });
}

mechanism kubernetes_sd_configuration() {
  return {.name = "kubernetes", .key = "kubernetes_sd_configs", .parse = parse};
}

}  // namespace rollcall
