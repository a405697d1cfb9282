#pragma once

#include "actors/discovery/mechanism.hpp"

namespace rollcall {

/// kuma_sd_configs: the monitoring assignments of a Kuma control plane, watched. README.md beside this file.
discovery_mechanism kuma_sd();

}  // namespace rollcall
