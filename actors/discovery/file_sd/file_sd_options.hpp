#pragma once

#include "config/mechanism.hpp"

#include <string>
#include <vector>

namespace rollcall {

/// One entry of file_sd_configs.
struct file_sd_options : sd_options {
  std::vector<std::string> files;  ///< Paths, resolved, with at most one star, in the last part. Not empty.
  milliseconds refresh_interval = std::chrono::minutes(5);  ///< Positive.

  bool equals(const sd_options& other) const override;
  void write(yaml_writer& writer) const override;
};

/// How `file_sd_configs` is read.
mechanism file_sd_configuration();

}  // namespace rollcall
