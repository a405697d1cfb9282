#pragma once

#include "actors/discovery/mechanisms.hpp"
#include "config/load.hpp"

#include <optional>
#include <span>
#include <string>

namespace rollcall {

/// All mechanisms there are.
inline std::span<const mechanism> all_mechanisms() {
  static const auto table = mechanism_configurations();
  return table;
}

/// Options with these mechanisms and an environment of its own.
inline load_options test_options() {
  load_options out;
  out.mechanisms = all_mechanisms();
  out.environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "REGION") return "eu-north-1";
    if (name == "EMPTY") return "";
    return std::nullopt;
  };
  return out;
}

}  // namespace rollcall
