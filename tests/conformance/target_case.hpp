#pragma once

#include "tests/conformance/case_file.hpp"
#include "tests/conformance/outcome.hpp"

namespace rollcall::conformance {

/// Makes the targets of a job out of the groups of a case.
outcome check_target_labels(const case_file& stated);

}  // namespace rollcall::conformance
