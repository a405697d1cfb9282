#include "lib/telemetry/kubernetes_metrics.hpp"

namespace rollcall {

kubernetes_metrics::kubernetes_metrics(prometheus::Registry& registry)
    : set_(registry),
      failures(
          set_.add_counter("prometheus_sd_kubernetes_failures_total", "The number of failed WATCH/LIST requests.")) {}

counter& kubernetes_metrics::events(std::string_view role, std::string_view event) {
  std::lock_guard lock(mutex_);
  return set_.add_counter("prometheus_sd_kubernetes_events_total", "The number of Kubernetes events handled.",
                          {{"role", std::string(role)}, {"event", std::string(event)}});
}

void kubernetes_metrics::observe_request(int status, const std::string& endpoint, std::chrono::nanoseconds spent) {
  std::lock_guard lock(mutex_);
  set_.add_counter("prometheus_sd_kubernetes_http_request_total",
                   "Total number of HTTP requests to the Kubernetes API by status code.",
                   {{"status_code", status == 0 ? "<error>" : std::to_string(status)}})
      .Increment();
  set_.add_summary("prometheus_sd_kubernetes_http_request_duration_seconds",
                   "Summary of latencies for HTTP requests to the Kubernetes API by endpoint.", {},
                   {{"endpoint", endpoint}})
      .Observe(std::chrono::duration<double>(spent).count());
}

}  // namespace rollcall
