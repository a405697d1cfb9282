#include "actors/web/pages.hpp"

namespace rollcall {

bool needs_ready(page page) {
  switch (page) {
    case page::style:
    case page::healthy:
    case page::ready:
    case page::reload:
    case page::quit:
    case page::metrics:
    case page::version:
      return false;
    default:
      return true;
  }
}

web::router make_router(std::string_view prefix) {
  web::router router(prefix);
  auto get = [&router](const char* pattern, page page) { router.get(pattern, static_cast<int>(page)); };
  auto post = [&router](const char* pattern, page page) { router.post(pattern, static_cast<int>(page)); };
  get("/", page::home);
  get("/targets", page::targets_page);
  get("/static/page.css", page::style);
  get("/-/healthy", page::healthy);
  get("/-/ready", page::ready);
  post("/-/reload", page::reload);
  post("/-/quit", page::quit);
  get("/metrics", page::metrics);
  get("/federate", page::federate);
  get("/version", page::version);
  get("/api/v1/targets", page::targets);
  get("/api/v1/scrape_pools", page::scrape_pools);
  get("/api/v1/targets/metadata", page::target_metadata);
  get("/api/v1/metadata", page::metadata);
  get("/api/v1/discovery", page::discovery);
  get("/api/v1/status/config", page::config);
  get("/api/v1/status/flags", page::flags);
  get("/api/v1/status/buildinfo", page::build_info);
  get("/api/v1/status/runtimeinfo", page::runtime_info);
  get("/api/v1/status/restarts", page::restarts);
  get("/api/v1/status/remote_write", page::remote_write);
  get("/api/v1/cluster", page::cluster);
  post("/api/v1/cluster/drain", page::drain_node);
  post("/api/v1/remote_write/set_aside/release", page::release_set_aside);
  post("/api/v1/remote_write/set_aside/discard", page::discard_set_aside);
  for (const char* pattern :
       {"query", "query_range", "query_exemplars", "format_query", "parse_query", "labels", "series"}) {
    router.get_or_post(std::string("/api/v1/") + pattern, static_cast<int>(page::server_only));
  }
  router.any("/api/v1/label/:name/values", static_cast<int>(page::server_only));
  for (const char* pattern : {"alertmanagers", "alerts", "rules", "status/tsdb", "status/tsdb/blocks"}) {
    router.get(std::string("/api/v1/") + pattern, static_cast<int>(page::server_only));
  }
  router.any("/api/v1/admin/tsdb/*command", static_cast<int>(page::server_only));
  return router;
}

}  // namespace rollcall
