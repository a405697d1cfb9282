#pragma once

#include "actors/web/answering.hpp"

/// The pages that tell of targets, wherever these are scraped: in this process or by the workers of a cluster.
namespace rollcall {

void answer_targets(web_request_ptr self);
void answer_targets_page(web_request_ptr self);
void answer_scrape_pools(web_request_ptr self);
void answer_target_metadata(web_request_ptr self);
void answer_metadata(web_request_ptr self);
void answer_federate(web_request_ptr self);
void answer_cluster(web_request_ptr self);
void answer_drain_node(web_request_ptr self);

}  // namespace rollcall
