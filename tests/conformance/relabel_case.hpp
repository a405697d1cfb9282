#pragma once

#include "tests/conformance/case_file.hpp"
#include "tests/conformance/outcome.hpp"

namespace rollcall::conformance {

/// Relabels label sets by the rules of a case, one after the other.
outcome check_relabel(const case_file& stated);

}  // namespace rollcall::conformance
