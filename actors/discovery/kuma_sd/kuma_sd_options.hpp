#pragma once

#include "config/mechanism.hpp"
#include "lib/http/client_config.hpp"

#include <string>

namespace rollcall {

/// One entry of kuma_sd_configs.
struct kuma_sd_options : sd_options {
  std::string server;                                        ///< URL of the control plane; http or https, with a host.
  std::string client_id;                                     ///< Empty: this machine's name.
  milliseconds refresh_interval = std::chrono::seconds(15);  ///< Positive; the least time between two questions.
  milliseconds fetch_timeout = std::chrono::minutes(2);      ///< How long the server may wait for a change.
  http::client_config client;

  bool equals(const sd_options& other) const override;
  void write(yaml_writer& writer) const override;
};

/// How `kuma_sd_configs` is read.
mechanism kuma_sd_configuration();

}  // namespace rollcall
