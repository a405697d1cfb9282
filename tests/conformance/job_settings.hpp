#pragma once

#include "config/config.hpp"
#include "lib/base/result.hpp"
#include "tests/conformance/case_file.hpp"

namespace rollcall::conformance {

/// The scrape_configs entry in the block of a `job` field, read as the daemon reads it. Without a job_name it gets the
/// name "j". Errors are those of the configuration.
result<scrape_config> read_job(const field& job);

}  // namespace rollcall::conformance
