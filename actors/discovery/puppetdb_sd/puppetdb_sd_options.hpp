#pragma once

#include "config/mechanism.hpp"
#include "lib/http/client_config.hpp"

#include <string>

namespace rollcall {

/// One entry of puppetdb_sd_configs.
struct puppetdb_sd_options : sd_options {
  std::string url;    ///< Of the server's root; http or https, with a host.
  std::string query;  ///< In Puppet's query language; yields resources.
  bool include_parameters = false;
  uint64_t port = 80;
  milliseconds refresh_interval = std::chrono::minutes(1);  ///< Positive; also the time a request may take.
  http::client_config client;

  bool equals(const sd_options& other) const override;
  void write(yaml_writer& writer) const override;
};

/// How `puppetdb_sd_configs` is read.
mechanism puppetdb_sd_configuration();

}  // namespace rollcall
