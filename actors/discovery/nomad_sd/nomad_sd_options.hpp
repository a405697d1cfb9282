#pragma once

#include "config/mechanism.hpp"
#include "lib/http/client_config.hpp"

#include <string>

namespace rollcall {

/// One entry of nomad_sd_configs.
struct nomad_sd_options : sd_options {
  std::string server = "http://localhost:4646";  ///< http or https, with a host.
  std::string name_space = "default";
  std::string region = "global";
  std::string tag_separator = ",";
  bool allow_stale = true;
  milliseconds refresh_interval = std::chrono::minutes(1);  ///< Positive; also the time that a refresh may take.
  http::client_config client;

  bool equals(const sd_options& other) const override;
  void write(yaml_writer& writer) const override;
};

/// How `nomad_sd_configs` is read.
mechanism nomad_sd_configuration();

}  // namespace rollcall
