#pragma once

#include "config/config.hpp"
#include "config/mechanism.hpp"

#include <span>
#include <string>

namespace rollcall {

/// The configuration as YAML, defaults filled in and secrets shown as <secret>, for /api/v1/status/config. load_text()
/// accepts it and gives the same configuration but for the secrets; jobs of scrape_config_files are left to their
/// files, and relative paths are resolved already.
std::string marshal(const config& from, std::span<const scrape_config_ptr> own_jobs,
                    std::span<const mechanism> mechanisms);

}  // namespace rollcall
