#pragma once

#include "config/mechanism.hpp"
#include "lib/http/client_config.hpp"

#include <string>

namespace rollcall {

/// One entry of http_sd_configs.
struct http_sd_options : sd_options {
  std::string url;                                          ///< http or https, with a host.
  milliseconds refresh_interval = std::chrono::minutes(1);  ///< Positive; also the time a request may take.
  http::client_config client;

  bool equals(const sd_options& other) const override;
  void write(yaml_writer& writer) const override;
};

/// How `http_sd_configs` is read.
mechanism http_sd_configuration();

}  // namespace rollcall
