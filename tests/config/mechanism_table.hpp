#pragma once

<<<<<<< HEAD
#include "actors/discovery/mechanisms.hpp"
=======
#include "actors/discovery/consul_sd/consul_sd_options.hpp"
#include "actors/discovery/eureka_sd/eureka_sd_options.hpp"
#include "actors/discovery/file_sd/file_sd_options.hpp"
#include "actors/discovery/http_sd/http_sd_options.hpp"
#include "actors/discovery/kuma_sd/kuma_sd_options.hpp"
#include "actors/discovery/marathon_sd/marathon_sd_options.hpp"
#include "actors/discovery/nomad_sd/nomad_sd_options.hpp"
#include "actors/discovery/puppetdb_sd/puppetdb_sd_options.hpp"
#include "actors/discovery/static_sd/static_sd_options.hpp"
>>>>>>> f5104a561c5bcb2bd7fe3a272c80381dbc256aec
#include "config/load.hpp"

#include <optional>
#include <span>
#include <string>

namespace rollcall {

<<<<<<< HEAD
/// All mechanisms there are.
inline std::span<const mechanism> all_mechanisms() {
  static const auto table = mechanism_configurations();
=======
/// The mechanisms that the configurations beside this file use.
inline std::span<const mechanism> basic_mechanisms() {
  static const std::vector<mechanism> table = {
      static_sd_configuration(), file_sd_configuration(),     http_sd_configuration(),
      consul_sd_configuration(), nomad_sd_configuration(),    marathon_sd_configuration(),
      eureka_sd_configuration(), puppetdb_sd_configuration(), kuma_sd_configuration(),
  };
>>>>>>> f5104a561c5bcb2bd7fe3a272c80381dbc256aec
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
