#pragma once

#include "actors/discovery/mechanism.hpp"
#include "lib/base/result.hpp"

#include <string>
#include <string_view>

namespace rollcall {

/// nerve_sd_configs: the services that Nerve (SmartStack) registers in ZooKeeper.
discovery_mechanism nerve_sd();

/// The target that a znode's data describes. Errors: errc::syntax.
result<labels> parse_nerve_member(std::string_view data, const std::string& path);

}  // namespace rollcall
