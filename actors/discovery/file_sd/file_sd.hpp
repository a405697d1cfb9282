#pragma once

#include "actors/discovery/file_sd/file_sd_options.hpp"
#include "actors/discovery/mechanism.hpp"
#include "lib/telemetry/telemetry.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace rollcall {

struct file_sd_state : act::state_base {
  static inline const char* name = "file-sd";

  struct file_entry {
    file_content_ptr content;              // as last looked at
    std::vector<target_group_ptr> groups;  // the last good ones
    std::string error;                     // why they are not those of `content`, or empty
    std::shared_ptr<file_metrics> metrics;
  };

  std::shared_ptr<const file_sd_options> options;
  discoverer_context context;
  discoverer_status status;
  std::map<std::string, file_entry> files;  // by path
  act::watcher watchers;
};

/// file_sd_configs: target groups from YAML and JSON files, followed as the files change.
discovery_mechanism file_sd();

}  // namespace rollcall
