#pragma once

#include "lib/targets/target_set.hpp"
#include "messages/scrape.hpp"

namespace rollcall {

/// How a job's targets are made.
target_set_options target_options_of(const scrape_config& config);

/// What a job's loops have in common. Where nothing that makes series differs from `before` (which may be null), the
/// ingest options are the same object, so that loops keep their series.
loop_settings_ptr loop_settings_of(const scrape_config& config, const scrape_config* config_before,
                                   const loop_settings_ptr& before);

/// The request that scrapes a target: the job's headers, and its own timeout if that differs from the job's.
http::request_ptr request_of(const target& target, const loop_settings& settings, const scrape_config& config);

}  // namespace rollcall
