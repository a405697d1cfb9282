#include "actors/discovery/kubernetes_sd/kubeconfig_node.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace rollcall::kubernetes {

namespace {

using nlohmann::json;

json json_of_scalar(const yaml_node& node) {
  if (node.quoted) return node.text;
  auto read = json::parse(node.text, nullptr, false);
  return read.is_number() || read.is_boolean() ? read : json(node.text);
}

// The tree is not deeper than its reader allows.
json json_of(const yaml_node& node) {
  json out;
  switch (node.kind) {
    case yaml_kind::null:
      break;
    case yaml_kind::scalar:
      return json_of_scalar(node);
    case yaml_kind::list:
      out = json::array();
      for (const auto& each : node.items) out.push_back(json_of(each));
      break;
    case yaml_kind::map:
      out = json::object();
      for (const auto& [key, position, value] : node.map) out[key] = json_of(value);
      break;
  }
  return out;
}

}  // namespace

const yaml_node& at(const yaml_node& map, std::string_view key) {
  static const yaml_node none;
  auto found = std::find_if(map.map.begin(), map.map.end(), [&](const yaml_entry& each) { return each.key == key; });
  return found == map.map.end() ? none : found->value;
}

const std::string& text(const yaml_node& map, std::string_view key) { return at(map, key).text; }

std::string to_json(const yaml_node& node) {
  return json_of(node).dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace rollcall::kubernetes
