#pragma once

#include "lib/series/scrape_batch.hpp"

#include <map>
#include <string>

namespace rollcall::test {

/// A batch as text: labels -> value, "stale" for a staleness marker, with "@time" where the target gave a time itself.
std::map<std::string, std::string> readable(const series::scrape_batch& batch);

}  // namespace rollcall::test
