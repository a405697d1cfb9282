#pragma once

#include "config/config.hpp"

#include <string>
#include <vector>

namespace rollcall {

/// What a reload has to touch. Each list is in the order of the configuration it comes from.
struct config_diff {
  std::vector<std::string> jobs_added;
  std::vector<std::string> jobs_removed;
  std::vector<std::string> jobs_changed;
  std::vector<std::string> jobs_unchanged;
  bool external_labels_changed = false;
  /// Whether any endpoint was added, removed or changed, or the external labels they all send.
  bool remote_write_changed = false;

  /// Whether there is nothing to do.
  bool empty() const {
    return jobs_added.empty() && jobs_removed.empty() && jobs_changed.empty() && !remote_write_changed;
  }
  bool operator==(const config_diff&) const = default;
};

/// Jobs are the same when their names are; the order of jobs and of endpoints does not matter.
config_diff diff(const config& before, const config& after);

}  // namespace rollcall
