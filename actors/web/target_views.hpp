#pragma once

#include "actors/web/fleet_view.hpp"
#include "lib/web/global_url.hpp"
#include "lib/web/targets_page.hpp"
#include "messages/scrape.hpp"

#include <string>
#include <vector>

namespace rollcall {

/// The targets as pages see them; the views point into `targets` and `fleet`.
std::vector<web::job_view> job_views(const targets& targets, const fleet_view& fleet);

/// The body of /api/v1/targets.
std::string write_targets_json(const targets& targets, const fleet_view& fleet, const web::external_address& external,
                               web::targets_wanted wanted);

}  // namespace rollcall
