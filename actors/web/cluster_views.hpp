#pragma once

#include "messages/nodes.hpp"

#include <string>

namespace rollcall {

/// The body of /api/v1/cluster.
std::string write_cluster_json(const cluster_view& view);

}  // namespace rollcall
