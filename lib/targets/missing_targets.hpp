#pragma once

#include "lib/targets/group_table.hpp"

#include <vector>

namespace rollcall {

/// The targets of `before` that are in `after` no more, in groups by the sources they have there, with the common
/// labels that they had. A target is still there when one with the same labels is, or else one more at its address than
/// are there with their labels: another label, another place in a list or another source makes no target go.
std::vector<target_group_ptr> missing_targets(const group_table& before, const group_table& after);

}  // namespace rollcall
