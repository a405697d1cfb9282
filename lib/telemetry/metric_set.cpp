#include "lib/telemetry/metric_set.hpp"

#include <chrono>
#include <utility>

namespace rollcall {

namespace {

// As client_golang has it: quantiles of the last ten minutes, in five steps.
constexpr std::chrono::minutes summary_age_max{10};
constexpr int summary_age_buckets = 5;

}  // namespace

metric_set::metric_set(prometheus::Registry& registry, metric_labels common)
    : registry_(registry), common_(std::move(common)) {}

metric_set::~metric_set() {
  for (auto& [metric, remove] : removals_) remove();
}

template <class Metric, class Builder, class... Arguments>
Metric& metric_set::add(Builder builder, const std::string& name, const std::string& help, const metric_labels& more,
                        const Arguments&... arguments) {
  auto labels = common_;
  labels.insert(more.begin(), more.end());
  auto& family = builder.Name(name).Help(help).Register(registry_);
  Metric& metric = family.Add(labels, arguments...);
  removals_.try_emplace(&metric, [&family, &metric] { family.Remove(&metric); });
  return metric;
}

counter& metric_set::add_counter(const std::string& name, const std::string& help, const metric_labels& more) {
  return add<counter>(prometheus::BuildCounter(), name, help, more);
}

gauge& metric_set::add_gauge(const std::string& name, const std::string& help, const metric_labels& more) {
  return add<gauge>(prometheus::BuildGauge(), name, help, more);
}

histogram& metric_set::add_histogram(const std::string& name, const std::string& help,
                                     const std::vector<double>& bounds, const metric_labels& more) {
  return add<histogram>(prometheus::BuildHistogram(), name, help, more, bounds);
}

summary& metric_set::add_summary(const std::string& name, const std::string& help, const summary::Quantiles& quantiles,
                                 const metric_labels& more) {
  return add<summary>(prometheus::BuildSummary(), name, help, more, quantiles,
                      std::chrono::milliseconds(summary_age_max), summary_age_buckets);
}

}  // namespace rollcall
