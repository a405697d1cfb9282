#pragma once

#include "config/mechanism.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rollcall {

/// One entry of serverset_sd_configs or nerve_sd_configs.
struct zookeeper_sd_options : sd_options {
  std::vector<std::string> servers;                 ///< Not empty.
  std::vector<std::string> paths;                   ///< Not empty; each begins with a slash and ends in none.
  milliseconds timeout = std::chrono::seconds(10);  ///< Of a session; positive.

  bool equals(const sd_options& other) const override;
  void write(yaml_writer& writer) const override;
};

/// Reads an entry; `name` is "serverset" or "nerve", and stands in messages.
sd_options_ptr read_zookeeper_section(yaml_reader& reader, std::string_view name);

}  // namespace rollcall
