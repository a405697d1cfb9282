#pragma once

#include "lib/web/discovery_json.hpp"
#include "messages/discovery.hpp"

#include <vector>

namespace rollcall {

/// Discovery as the API and pages see it.
std::vector<web::provider_view> provider_views(const discovery_status& status);

}  // namespace rollcall
