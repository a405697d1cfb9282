#pragma once

#include "config/mechanism.hpp"
#include "lib/dns/record.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rollcall {

/// One entry of dns_sd_configs.
struct dns_sd_options : sd_options {
  std::vector<std::string> names;                            ///< Not empty.
  milliseconds refresh_interval = std::chrono::seconds(30);  ///< Positive.
  dns::record_type type = dns::record_type::srv;
  uint16_t port = 0;  ///< Of the targets, except with SRV, which brings its own.

  bool equals(const sd_options& other) const override;
  void write(yaml_writer& writer) const override;
};

/// How `dns_sd_configs` is read.
mechanism dns_sd_configuration();

}  // namespace rollcall
