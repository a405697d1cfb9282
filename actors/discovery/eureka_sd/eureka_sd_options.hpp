#pragma once

#include "config/mechanism.hpp"
#include "lib/http/client_config.hpp"

#include <string>

namespace rollcall {

/// One entry of eureka_sd_configs.
struct eureka_sd_options : sd_options {
  std::string server;                                        ///< http or https, with a host.
  milliseconds refresh_interval = std::chrono::seconds(30);  ///< Positive; also the time a request may take.
  http::client_config client;

  bool equals(const sd_options& other) const override;
  void write(yaml_writer& writer) const override;
};

/// How `eureka_sd_configs` is read.
mechanism eureka_sd_configuration();

}  // namespace rollcall
