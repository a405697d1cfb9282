#pragma once

#include "config/config.hpp"
#include "config/mechanism.hpp"
#include "lib/base/result.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace rollcall {

struct load_options {
  std::span<const mechanism> mechanisms;
  /// The value of an environment variable, for external_labels. The default asks the process.
  std::function<std::optional<std::string>(const std::string& name)> environment;
  /// Whether jobs ask for protobuf first where the configuration names no protocols: it says when a series began.
  bool prefer_protobuf = false;
};

/// Reads and checks a configuration with all its scrape_config_files. Errors read `FILE:LINE:COL: message` and name the
/// first thing that is wrong; what is understood but not available fails with errc::unsupported.
result<config_ptr> load(const std::filesystem::path& file, const load_options& options);

/// As load(), for a text. `file_name` stands in messages, and its directory is what relative paths refer to; the file
/// itself is not read.
result<config_ptr> load_text(std::string_view text, const std::filesystem::path& file_name,
                             const load_options& options);

}  // namespace rollcall
