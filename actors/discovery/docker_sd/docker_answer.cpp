#include "actors/discovery/docker_sd/docker_answer.hpp"

#include "lib/labels/names.hpp"

#include <fmt/format.h>

namespace rollcall::docker {

namespace {

constexpr size_t message_bytes_max = 200;

const json& null_value() {
  static const json value;
  return value;
}

const json& empty_list() {
  static const json value = json::array();
  return value;
}

/// The daemon's explanation of a failure: {"message": "..."}.
std::string explanation(const std::string& body) {
  auto parsed = json::parse(body, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("message") || !parsed["message"].is_string()) return {};
  return ": " + parsed["message"].get<std::string>().substr(0, message_bytes_max);
}

}  // namespace

const json& field(const json& object, std::string_view key) {
  if (object.is_null()) return null_value();
  auto found = object.get_ref<const json::object_t&>().find(std::string(key));
  return found == object.get_ref<const json::object_t&>().end() ? null_value() : found->second;
}

std::string text(const json& object, std::string_view key) {
  const auto& value = field(object, key);
  return value.is_null() ? std::string() : value.get<std::string>();
}

int64_t number(const json& object, std::string_view key) {
  const auto& value = field(object, key);
  return value.is_null() ? 0 : value.get<int64_t>();
}

bool flag(const json& object, std::string_view key) {
  const auto& value = field(object, key);
  return !value.is_null() && value.get<bool>();
}

const json& items(const json& object, std::string_view key) {
  const auto& value = field(object, key);
  if (value.is_null()) return empty_list();
  value.get_ref<const json::array_t&>();
  return value;
}

std::map<std::string, std::string> texts(const json& object, std::string_view key) {
  const auto& value = field(object, key);
  return value.is_null() ? std::map<std::string, std::string>() : value.get<std::map<std::string, std::string>>();
}

void add_labels(label_pairs& out, std::string_view prefix, const json& object, std::string_view key) {
  for (auto& [name, value] : texts(object, key))
    out.emplace_back(std::string(prefix) + sanitize_label_name(name), value);
}

std::string to_text(bool value) { return value ? "true" : "false"; }

result<json> parse_answer(const http::response& answer) {
  if (answer.status != 200)
    return fail(errc::io, fmt::format("server returned HTTP status {} {}{}", answer.status, answer.reason,
                                      explanation(answer.body)));
  auto parsed = json::parse(answer.body, nullptr, false);
  if (parsed.is_discarded()) return fail(errc::syntax, "the answer is no JSON");
  if (parsed.is_null()) return json::array();
  if (!parsed.is_array()) return fail(errc::syntax, fmt::format("the answer is no list but {}", parsed.type_name()));
  return parsed;
}

std::map<std::string, label_pairs> network_labels(const json& networks, std::string_view prefix) {
  std::map<std::string, label_pairs> out;
  auto named = [&](std::string_view name) { return std::string(prefix) + std::string(name); };
  for (const auto& network : networks) {
    auto id = text(network, "Id");
    auto& labels = out[id];
    labels = {{named("network_id"), id},
              {named("network_name"), text(network, "Name")},
              {named("network_scope"), text(network, "Scope")},
              {named("network_internal"), to_text(flag(network, "Internal"))},
              {named("network_ingress"), to_text(flag(network, "Ingress"))}};
    add_labels(labels, named("network_label_"), network, "Labels");
  }
  return out;
}

}  // namespace rollcall::docker
