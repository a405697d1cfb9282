#include "config/yaml_json.hpp"

#include <nlohmann/json.hpp>

namespace rollcall {

namespace {

nlohmann::json scalar(const yaml_node& node) {
  if (node.quoted) return node.text;
  auto read = nlohmann::json::parse(node.text, nullptr, false);
  return read.is_number() || read.is_boolean() ? read : nlohmann::json(node.text);
}

nlohmann::json converted(const yaml_node& node) {
  switch (node.kind) {
    case yaml_kind::null:
      return nullptr;
    case yaml_kind::scalar:
      return scalar(node);
    case yaml_kind::list: {
      auto list = nlohmann::json::array();
      for (const auto& item : node.items) list.push_back(converted(item));
      return list;
    }
    case yaml_kind::map:
      break;
  }
  auto map = nlohmann::json::object();
  for (const auto& [key, position, value] : node.map) map[key] = converted(value);
  return map;
}

}  // namespace

std::string to_json(const yaml_node& node) {
  return converted(node).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace rollcall
