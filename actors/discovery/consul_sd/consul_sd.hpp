#pragma once

#include "actors/discovery/mechanism.hpp"

namespace rollcall {

/// consul_sd_configs: the services in a Consul catalog, watched by blocking queries. README.md beside this file.
discovery_mechanism consul_sd();

}  // namespace rollcall
