#pragma once

#include "lib/telemetry/metric_set.hpp"

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>

namespace rollcall {

/// What all watches of Kubernetes clusters count together.
class kubernetes_metrics {
  metric_set set_;

 public:
  explicit kubernetes_metrics(prometheus::Registry& registry);

  counter& failures;  ///< Lists and watches that did not serve their purpose.

  /// `event` is "add", "update" or "delete".
  counter& events(std::string_view role, std::string_view event);
  /// A request was answered, or was not: then the status is 0.
  void observe_request(int status, const std::string& endpoint, std::chrono::nanoseconds spent);

 private:
  std::mutex mutex_;
};

}  // namespace rollcall
