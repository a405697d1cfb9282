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

}  // namespace rollcall
