#pragma once

#include "messages/nodes.hpp"

#include <string>
#include <unordered_map>
#include <vector>

namespace rollcall {

/// What is known of a cluster's targets beside what the pools know.
struct fleet_view {
  std::unordered_map<uint64_t, place_view> places;  ///< By key of the loop.
};

/// The keys of the targets that run in a cluster.
std::vector<uint64_t> placed_keys(const targets& all);

/// Puts what the workers said in place of what the pools heard last. The health of a target whose worker did not
/// answer is unknown. `found` has the order of placed_keys().
fleet_view merge(targets& all, const places& found, fleet_report report);

/// Warns of each worker that was not heard.
std::vector<std::string> warnings_of(const fleet_report& report);

}  // namespace rollcall
