#include "actors/discovery/kubernetes_sd/object_reader.hpp"

#include "actors/discovery/kubernetes_sd/json_filter.hpp"
#include "actors/discovery/kubernetes_sd/object_keys.hpp"
#include "lib/base/ascii.hpp"

#include <memory>
#include <optional>

namespace rollcall::kubernetes {

namespace {

using nlohmann::json;

/// How much of a text that should have been a Status goes into a message.
constexpr size_t message_bytes_max = 200;

template <kept_key (*Wrap)(const kept_key&)>
const kept_key& wrapped(resource of) {
  static const auto all = [] {
    std::vector<kept_key> made;
    for (size_t i = 0; i < resource_count; ++i) made.push_back(Wrap(keys_of(static_cast<resource>(i))));
    return made;
  }();
  return all.at(static_cast<size_t>(of));
}

kept_key in_list(const kept_key& item) {
  return {"", {{"metadata", {{"resourceVersion", {}}, {"continue", {}}}}, {"items", item.below}}};
}

kept_key in_event(const kept_key& item) {
  auto object = item.below;
  // An error comes with a Status in the object's place.
  object.push_back({"code", {}});
  object.push_back({"message", {}});
  return {"", {{"type", {}}, {"object", std::move(object)}}};
}

// -- fields of whatever type -----------------------------------------------------------------------------------------

const json& at(const json& object, const char* key) {
  static const json none;
  if (!object.is_object()) return none;
  auto found = object.find(key);
  return found == object.end() ? none : *found;
}

std::optional<std::string> optional_text(const json& object, const char* key) {
  const auto& value = at(object, key);
  if (!value.is_string()) return std::nullopt;
  return value.get_ref<const std::string&>();
}

std::string text(const json& object, const char* key) { return optional_text(object, key).value_or(""); }

std::optional<bool> optional_bool(const json& object, const char* key) {
  const auto& value = at(object, key);
  if (!value.is_boolean()) return std::nullopt;
  return value.get<bool>();
}

std::optional<int64_t> optional_number(const json& object, const char* key) {
  const auto& value = at(object, key);
  if (!value.is_number_integer()) return std::nullopt;
  return value.get<int64_t>();
}

/// The items of a list; nothing when there is none.
const json::array_t& items(const json& object, const char* key) {
  static const json::array_t none;
  const auto& value = at(object, key);
  return value.is_array() ? value.get_ref<const json::array_t&>() : none;
}

text_pairs pairs(const json& object, const char* key) {
  text_pairs out;
  const auto& value = at(object, key);
  if (!value.is_object()) return out;
  for (const auto& [name, each] : value.items())
    if (each.is_string()) out.emplace_back(name, each.get_ref<const std::string&>());
  return out;
}

// -- objects ---------------------------------------------------------------------------------------------------------

metadata read_metadata(const json& from) {
  metadata out;
  out.name = text(from, "name");
  out.name_space = text(from, "namespace");
  out.uid = text(from, "uid");
  out.labels = pairs(from, "labels");
  out.annotations = pairs(from, "annotations");
  for (const auto& owner : items(from, "ownerReferences"))
    if (optional_bool(owner, "controller").value_or(false)) {
      out.controller = {text(owner, "kind"), text(owner, "name")};
      break;
    }
  return out;
}

std::vector<port> read_ports(const json& from, const char* number_key) {
  std::vector<port> out;
  for (const auto& each : items(from, "ports"))
    out.push_back({optional_text(each, "name"), optional_number(each, number_key), optional_text(each, "protocol"),
                   optional_text(each, "appProtocol")});
  return out;
}

std::optional<target_reference> read_target(const json& from) {
  const auto& reference = at(from, "targetRef");
  if (!reference.is_object()) return std::nullopt;
  return target_reference{text(reference, "kind"), text(reference, "name"), text(reference, "namespace")};
}

void read_containers(const json& from, const char* specs, const char* statuses, bool init,
                     std::vector<container>& out) {
  for (const auto& each : items(at(from, "spec"), specs)) {
    container made{text(each, "name"), text(each, "image"), "", init, read_ports(each, "containerPort")};
    for (const auto& status : items(at(from, "status"), statuses))
      if (text(status, "name") == made.name) {
        made.id = text(status, "containerID");
        break;
      }
    out.push_back(std::move(made));
  }
}

pod read_pod(const json& from) {
  pod out;
  const auto& status = at(from, "status");
  out.ip = text(status, "podIP");
  out.host_ip = text(status, "hostIP");
  out.phase = text(status, "phase");
  out.node_name = text(at(from, "spec"), "nodeName");
  out.ready = "unknown";
  for (const auto& condition : items(status, "conditions"))
    if (text(condition, "type") == "Ready") {
      out.ready = ascii_lower(text(condition, "status"));
      break;
    }
  read_containers(from, "containers", "containerStatuses", false, out.containers);
  read_containers(from, "initContainers", "initContainerStatuses", true, out.containers);
  return out;
}

node read_node(const json& from) {
  node out;
  const auto& status = at(from, "status");
  out.provider_id = text(at(from, "spec"), "providerID");
  for (const auto& each : items(status, "conditions"))
    out.conditions.emplace_back(ascii_lower(text(each, "type")), ascii_lower(text(each, "status")));
  for (const auto& each : items(status, "addresses"))
    out.addresses.emplace_back(text(each, "type"), text(each, "address"));
  out.kubelet_port = optional_number(at(at(status, "daemonEndpoints"), "kubeletEndpoint"), "Port").value_or(0);
  return out;
}

service read_service(const json& from) {
  service out;
  const auto& spec = at(from, "spec");
  out.type = text(spec, "type");
  out.cluster_ip = text(spec, "clusterIP");
  out.external_name = text(spec, "externalName");
  out.load_balancer_ip = text(spec, "loadBalancerIP");
  out.ip_family_policy = text(spec, "ipFamilyPolicy");
  if (const auto& families = items(spec, "ipFamilies"); !families.empty() && families.front().is_string())
    out.ip_family = families.front().get<std::string>();
  out.ports = read_ports(spec, "port");
  return out;
}

std::vector<endpoint_address> read_addresses(const json& from, const char* key) {
  std::vector<endpoint_address> out;
  for (const auto& each : items(from, key))
    out.push_back({text(each, "ip"), text(each, "hostname"), optional_text(each, "nodeName"), read_target(each)});
  return out;
}

endpoints read_endpoints(const json& from) {
  endpoints out;
  for (const auto& each : items(from, "subsets"))
    out.subsets.push_back(
        {read_addresses(each, "addresses"), read_addresses(each, "notReadyAddresses"), read_ports(each, "port")});
  return out;
}

slice_endpoint read_slice_endpoint(const json& from) {
  slice_endpoint out;
  for (const auto& address : items(from, "addresses"))
    if (address.is_string()) out.addresses.push_back(address.get<std::string>());
  const auto& conditions = at(from, "conditions");
  out.ready = optional_bool(conditions, "ready");
  out.serving = optional_bool(conditions, "serving");
  out.terminating = optional_bool(conditions, "terminating");
  out.hostname = optional_text(from, "hostname");
  out.node_name = optional_text(from, "nodeName");
  out.zone = optional_text(from, "zone");
  out.target = read_target(from);
  out.topology = pairs(from, "deprecatedTopology");
  return out;
}

endpoint_slice read_endpoint_slice(const json& from) {
  endpoint_slice out;
  out.address_type = text(from, "addressType");
  out.ports = read_ports(from, "port");
  for (const auto& each : items(from, "endpoints")) out.endpoints.push_back(read_slice_endpoint(each));
  return out;
}

ingress read_ingress(const json& from) {
  ingress out;
  const auto& spec = at(from, "spec");
  out.class_name = optional_text(spec, "ingressClassName");
  for (const auto& tls : items(spec, "tls"))
    for (const auto& host : items(tls, "hosts"))
      if (host.is_string()) out.tls_hosts.push_back(host.get<std::string>());
  for (const auto& each : items(spec, "rules")) {
    ingress_rule rule{text(each, "host"), {}};
    for (const auto& path : items(at(each, "http"), "paths")) rule.paths.push_back(text(path, "path"));
    out.rules.push_back(std::move(rule));
  }
  return out;
}

object_ptr read_object(resource of, const json& from) {
  auto out = std::make_shared<object>();
  out->metadata = read_metadata(at(from, "metadata"));
  out->version = text(at(from, "metadata"), "resourceVersion");
  switch (of) {
    case resource::pod:
      out->body = read_pod(from);
      break;
    case resource::node:
      out->body = read_node(from);
      break;
    case resource::service:
      out->body = read_service(from);
      break;
    case resource::endpoints:
      out->body = read_endpoints(from);
      break;
    case resource::endpoint_slice:
      out->body = read_endpoint_slice(from);
      break;
    case resource::ingress:
      out->body = read_ingress(from);
      break;
    case resource::name_space:
    case resource::replica_set:
    case resource::job:
      break;
  }
  return out;
}

std::optional<event_kind> kind_of(std::string_view type) {
  using kind = event_kind;
  if (type == "ADDED") return kind::added;
  if (type == "MODIFIED") return kind::modified;
  if (type == "DELETED") return kind::deleted;
  if (type == "BOOKMARK") return kind::bookmark;
  if (type == "ERROR") return kind::error;
  return std::nullopt;
}

}  // namespace

result<list_page> read_list(resource of, std::string_view json) {
  auto parsed = parse_filtered(json, wrapped<in_list>(of));
  if (!parsed) return tl::unexpected(parsed.error());
  if (!parsed->contains("metadata")) return fail(errc::syntax, "not a list of objects");
  list_page out;
  const auto& about = at(*parsed, "metadata");
  out.version = text(about, "resourceVersion");
  out.continue_token = text(about, "continue");
  for (const auto& each : items(*parsed, "items")) {
    auto made = read_object(of, each);
    if (made->metadata.name.empty()) return fail(errc::syntax, "an object has no name");
    out.items.push_back(std::move(made));
  }
  return out;
}

result<watch_event> read_event(resource of, std::string_view json) {
  auto parsed = parse_filtered(json, wrapped<in_event>(of));
  if (!parsed) return tl::unexpected(parsed.error());
  const auto type = text(*parsed, "type");
  const auto kind = kind_of(type);
  if (!kind) return fail(errc::syntax, "unknown type of event: \"" + type.substr(0, message_bytes_max) + '"');
  watch_event out;
  out.kind = *kind;
  const auto& about = at(*parsed, "object");
  if (out.kind == event_kind::error) {
    out.code = static_cast<int>(optional_number(about, "code").value_or(0));
    out.message = text(about, "message");
    return out;
  }
  out.object = read_object(of, about);
  if (out.object->version.empty()) return fail(errc::syntax, "an event without a version");
  if (out.object->metadata.name.empty() && out.kind != event_kind::bookmark)
    return fail(errc::syntax, "an object has no name");
  return out;
}

std::string read_status_message(std::string_view body) {
  static const kept_key status{"", {{"message", {}}}};
  auto parsed = parse_filtered(body, status);
  auto message = parsed ? text(*parsed, "message") : std::string(body);
  return message.substr(0, message_bytes_max);
}

}  // namespace rollcall::kubernetes
