#include "lib/telemetry/http_discovery_groups.hpp"

namespace rollcall {

namespace {

const summary::Quantiles quantiles = {{.5, .05}, {.9, .01}, {.99, .001}};

summary& add_consul_duration(metric_set& set, const std::string& call) {
  return set.add_summary("prometheus_sd_consul_rpc_duration_seconds", "The duration of a Consul RPC call in seconds.",
                         quantiles, {{"endpoint", "catalog"}, {"call", call}});
}

}  // namespace

consul_metrics::consul_metrics(prometheus::Registry& registry)
    : set_(registry),
      rpc_failures(
          set_.add_counter("prometheus_sd_consul_rpc_failures_total", "The number of Consul RPC call failures.")),
      services_duration(add_consul_duration(set_, "services")),
      service_duration(add_consul_duration(set_, "service")) {}

nomad_metrics::nomad_metrics(prometheus::Registry& registry)
    : set_(registry),
      failures(set_.add_counter("prometheus_sd_nomad_failures_total",
                                "Number of nomad service discovery refresh failures.")) {}

kuma_metrics::kuma_metrics(prometheus::Registry& registry)
    : set_(registry),
      fetch_failures(
          set_.add_counter("prometheus_sd_kuma_fetch_failures_total", "The number of Kuma MADS fetch call failures.")),
      skipped_updates(
          set_.add_counter("prometheus_sd_kuma_fetch_skipped_updates_total",
                           "The number of Kuma MADS fetch calls that result in no updates to the targets.")),
      fetch_duration(set_.add_summary("prometheus_sd_kuma_fetch_duration_seconds",
                                      "The duration of a Kuma MADS fetch call.", quantiles)) {}

}  // namespace rollcall
