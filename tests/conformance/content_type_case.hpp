#pragma once

#include "tests/conformance/case_file.hpp"
#include "tests/conformance/outcome.hpp"

namespace rollcall::conformance {

/// Chooses the format of a response by its Content-Type, and builds the Accept header of a request.
outcome check_content_type(const case_file& stated);

}  // namespace rollcall::conformance
