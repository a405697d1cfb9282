#pragma once

#include "actors/discovery/mechanism.hpp"
#include "lib/base/result.hpp"
#include "lib/targets/target_group.hpp"

#include <vector>

namespace rollcall {

/// eureka_sd_configs: the instances that a Eureka server knows, polled. README.md beside this file.
discovery_mechanism eureka_sd();

/// The one group of an answer to GET <server>/apps. Errors: a status other than 2xx, and what is not an XML document of
/// applications.
result<std::vector<target_group>> read_eureka_apps(const http::response& answer);

}  // namespace rollcall
