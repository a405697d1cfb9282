#pragma once

#include "lib/http/content_type.hpp"
#include "tests/conformance/case_file.hpp"
#include "tests/conformance/outcome.hpp"

namespace rollcall::conformance {

/// Scrapes the bodies of a case one after the other into the cache of one target, and compares what each delivers.
/// `usual` is the format where the case names no content type.
outcome check_exposition(const case_file& stated, http::exposition_format usual);

}  // namespace rollcall::conformance
