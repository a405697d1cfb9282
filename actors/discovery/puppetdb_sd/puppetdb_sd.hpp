#pragma once

#include "actors/discovery/mechanism.hpp"
#include "actors/discovery/puppetdb_sd/puppetdb_sd_options.hpp"
#include "lib/base/result.hpp"
#include "lib/targets/target_group.hpp"

#include <vector>

namespace rollcall {

/// puppetdb_sd_configs: the resources that a PuppetDB query yields, polled. README.md beside this file.
discovery_mechanism puppetdb_sd();

/// Where queries go: the path of the root with "pdb/query/v4" below it, its query kept.
std::string puppetdb_query_url(const std::string& root);

/// The one group of an answer to a query. Errors: a status other than 200, a content type other than JSON in UTF-8, and
/// what is not a list of resources. https://www.puppet.com/docs/puppetdb/8/api/query/v4/resources.html.
result<std::vector<target_group>> read_puppetdb_resources(const http::response& answer,
                                                          const puppetdb_sd_options& options);

}  // namespace rollcall
