#pragma once

#include "actors/discovery/mechanism.hpp"
#include "lib/base/result.hpp"
#include "lib/targets/target_group.hpp"

#include <vector>

namespace rollcall {

/// marathon_sd_configs: the apps that run on Marathon, polled. README.md beside this file.
discovery_mechanism marathon_sd();

/// A group for each app of an answer to GET /v2/apps/?embed=apps.tasks. Errors: a status other than 2xx, and what is
/// not a list of apps. https://mesosphere.github.io/marathon/api-console/index.html.
result<std::vector<target_group>> read_marathon_apps(const http::response& answer);

}  // namespace rollcall
