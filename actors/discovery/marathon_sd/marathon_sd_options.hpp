#pragma once

#include "config/mechanism.hpp"
#include "lib/http/client_config.hpp"

#include <string>
#include <vector>

namespace rollcall {

/// One entry of marathon_sd_configs.
struct marathon_sd_options : sd_options {
  std::vector<std::string> servers;                          ///< URLs; at least one.
  milliseconds refresh_interval = std::chrono::seconds(30);  ///< Positive; also the time a request may take.
  http::secret auth_token;                                   ///< Excludes every other authentication.
  http::client_config client;

  bool equals(const sd_options& other) const override;
  void write(yaml_writer& writer) const override;
};

/// How `marathon_sd_configs` is read.
mechanism marathon_sd_configuration();

}  // namespace rollcall
