#pragma once

#include "lib/telemetry/metric_set.hpp"

/// What single discovery mechanisms over HTTP count, all their configurations together.
namespace rollcall {

/// consul_sd.
class consul_metrics {
  metric_set set_;

 public:
  explicit consul_metrics(prometheus::Registry& registry);

  counter& rpc_failures;
  summary& services_duration;  ///< In seconds; questions for the catalog.
  summary& service_duration;   ///< In seconds; questions for the instances of one service.
};

/// nomad_sd.
class nomad_metrics {
  metric_set set_;

 public:
  explicit nomad_metrics(prometheus::Registry& registry);

  counter& failures;
};

/// kuma_sd.
class kuma_metrics {
  metric_set set_;

 public:
  explicit kuma_metrics(prometheus::Registry& registry);

  counter& fetch_failures;
  counter& skipped_updates;
  summary& fetch_duration;  ///< In seconds.
};

}  // namespace rollcall
