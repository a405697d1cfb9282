#pragma once

#include "actors/discovery/dns_sd/dns_sd_options.hpp"
#include "actors/discovery/docker_sd/docker_sd_options.hpp"
#include "actors/discovery/dockerswarm_sd/dockerswarm_sd_options.hpp"
#include "actors/discovery/file_sd/file_sd_options.hpp"
#include "actors/discovery/http_sd/http_sd_options.hpp"
#include "actors/discovery/nerve_sd/nerve_sd.hpp"
#include "actors/discovery/serverset_sd/serverset_sd.hpp"
#include "actors/discovery/static_sd/static_sd_options.hpp"
#include "config/load.hpp"

#include <array>
#include <span>

namespace rollcall {

/// The mechanisms of every installation.
inline std::span<const mechanism> basic_mechanisms() {
  static const std::array table = {
      static_sd_configuration(), file_sd_configuration(),        http_sd_configuration(),      dns_sd_configuration(),
      docker_sd_configuration(), dockerswarm_sd_configuration(), serverset_sd().configuration, nerve_sd().configuration,
  };
  return table;
}

/// Options with these mechanisms and an environment of its own.
inline load_options test_options() {
  load_options out;
  out.mechanisms = basic_mechanisms();
  out.environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "REGION") return "eu-north-1";
    if (name == "EMPTY") return "";
    return std::nullopt;
  };
  return out;
}

}  // namespace rollcall
