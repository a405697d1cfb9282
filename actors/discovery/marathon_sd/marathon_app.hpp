#pragma once

#include "actors/discovery/json_reader.hpp"
#include "lib/targets/target_group.hpp"

namespace rollcall {

/// One Marathon app as a group: a target for each port of each task. The source is the app's id.
target_group read_marathon_app(const json_reader& app);

}  // namespace rollcall
