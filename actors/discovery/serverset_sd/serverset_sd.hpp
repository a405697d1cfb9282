#pragma once

#include "actors/discovery/mechanism.hpp"
#include "lib/base/result.hpp"

#include <string>
#include <string_view>

namespace rollcall {

/// serverset_sd_configs: the members of server sets (Finagle, Aurora), as they register in ZooKeeper.
discovery_mechanism serverset_sd();

/// The target that a znode's data describes. Errors: errc::syntax.
result<labels> parse_serverset_member(std::string_view data, const std::string& path);

}  // namespace rollcall
