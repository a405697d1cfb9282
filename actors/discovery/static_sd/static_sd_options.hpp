#pragma once

#include "config/mechanism.hpp"
#include "lib/targets/target_group.hpp"

#include <vector>

namespace rollcall {

/// All static_configs of a job: one group per entry, of source "0", "1", ...
struct static_sd_options : sd_options {
  std::vector<target_group_ptr> groups;

  bool equals(const sd_options& other) const override;
  void write(yaml_writer& writer) const override;
};

/// How `static_configs` is read. An address with a slash is refused unless relabeling may still mend it.
mechanism static_sd_configuration();

}  // namespace rollcall
