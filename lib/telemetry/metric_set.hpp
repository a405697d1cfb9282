#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/summary.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace rollcall {

// Incrementing a counter and setting a gauge is one relaxed atomic; observing takes the metric's own mutex.
using counter = prometheus::Counter;
using gauge = prometheus::Gauge;
using histogram = prometheus::Histogram;
using summary = prometheus::Summary;
using metric_labels = std::map<std::string, std::string>;

/// Metrics with common labels that leave the registry together; adding one twice yields the same. The registry must
/// outlive the set, and no other set may hold a metric of the same name and labels: whoever went first would take the
/// other's along.
class metric_set {
 public:
  explicit metric_set(prometheus::Registry& registry, metric_labels common = {});
  ~metric_set();
  metric_set(const metric_set&) = delete;
  metric_set& operator=(const metric_set&) = delete;

  counter& add_counter(const std::string& name, const std::string& help, const metric_labels& more = {});
  gauge& add_gauge(const std::string& name, const std::string& help, const metric_labels& more = {});
  histogram& add_histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                           const metric_labels& more = {});
  summary& add_summary(const std::string& name, const std::string& help, const summary::Quantiles& quantiles,
                       const metric_labels& more = {});

 private:
  template <class Metric, class Builder, class... Arguments>
  Metric& add(Builder builder, const std::string& name, const std::string& help, const metric_labels& more,
              const Arguments&... arguments);

  prometheus::Registry& registry_;
  const metric_labels common_;
  std::map<const void*, std::function<void()>> removals_;
};

}  // namespace rollcall
