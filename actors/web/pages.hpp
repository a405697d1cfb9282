#pragma once

#include "lib/web/router.hpp"

namespace rollcall {

/// What a request can be for.
enum class page : unsigned char {
  home,
  style,
  targets_page,
  healthy,
  ready,
  reload,
  quit,
  metrics,
  federate,
  version,
  targets,
  scrape_pools,
  target_metadata,
  metadata,
  config,
  flags,
  build_info,
  runtime_info,
  discovery,
  restarts,
  remote_write,
  release_set_aside,
  discard_set_aside,
  cluster,
  drain_node,
  server_only,  ///< Part of Prometheus's API that agent mode does not have.
};

/// Whether a page has nothing to say before the process is ready.
bool needs_ready(page page);

/// The table of all pages, by their numbers, below a path prefix.
web::router make_router(std::string_view prefix);

}  // namespace rollcall
