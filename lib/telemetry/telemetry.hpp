#pragma once

#include "lib/telemetry/http_discovery_groups.hpp"
#include "lib/telemetry/kubernetes_metrics.hpp"
#include "lib/telemetry/metric_groups.hpp"
#include "lib/telemetry/provider_metrics.hpp"
#include "lib/telemetry/shared_groups.hpp"
#include "lib/telemetry/write_metrics.hpp"

#include <prometheus/registry.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace rollcall {

/// How metrics are written down, by the media type that names it.
enum class metrics_format : unsigned char {
  text,        ///< text/plain; version=0.0.4
  openmetrics  ///< application/openmetrics-text; version=1.0.0
};

/// What the process tells of itself. Everything here may be used from any thread. The groups that are handed out as
/// shared_ptr are shared by all who ask with the same arguments, and their series vanish with the last of them; they
/// must not outlive the telemetry.
class telemetry {
  // First in order of construction, so that it goes last: every group takes its metrics out of it.
  prometheus::Registry registry_;

 public:
  telemetry();

  scrape_metrics scrape;
  discovery_metrics discovery;
  consul_metrics consul;
  nomad_metrics nomad;
  kuma_metrics kuma;
  snapshot_store_metrics snapshot_store;
  write_input_metrics write_input;
  daemon_metrics daemon;

  std::shared_ptr<pool_metrics> pool(const std::string& job);
  std::shared_ptr<interval_metrics> interval(std::chrono::milliseconds interval);
  std::shared_ptr<discovered_metrics> discovered(const std::string& job);
  std::shared_ptr<refresh_metrics> refresh(const std::string& mechanism, const std::string& config);
  std::shared_ptr<snapshot_metrics> snapshot(const std::string& mechanism, const std::string& config,
                                             const std::string& snapshot);
  std::shared_ptr<removal_metrics> removals(const std::string& mechanism, const std::string& config);
  std::shared_ptr<file_metrics> file(const std::string& filename);
  std::shared_ptr<kubernetes_metrics> kubernetes();
  std::shared_ptr<dialer_metrics> dialer(const std::string& name);
  /// `url` must come without password.
  std::shared_ptr<write_metrics> endpoint(const std::string& remote_name, const std::string& url);
  /// `handler` is the route's pattern, never what a client sent.
  std::shared_ptr<handler_metrics> handler(const std::string& handler);

  /// Counts how often actors of this kind were restarted after a crash.
  counter& actor_restarts(const std::string& actor);

  /// Has the function called before each rendering, to set gauges of what is not counted as it goes. It stays for good
  /// and must not call back into this object's on_collect or render.
  void on_collect(std::function<void()> hook);

  /// All metrics, ordered by name and labels, with what the kernel says of the process.
  std::string render(metrics_format format = metrics_format::text);

 private:
  shared_groups<std::string, pool_metrics> pools_;
  shared_groups<std::string, interval_metrics> intervals_;
  shared_groups<std::string, discovered_metrics> discovered_;
  shared_groups<std::pair<std::string, std::string>, refresh_metrics> refreshes_;
  shared_groups<std::tuple<std::string, std::string, std::string>, snapshot_metrics> snapshots_;
  shared_groups<std::pair<std::string, std::string>, removal_metrics> removals_;
  shared_groups<std::string, file_metrics> files_;
  shared_groups<std::string, kubernetes_metrics> kubernetes_;
  shared_groups<std::string, dialer_metrics> dialers_;
  shared_groups<std::pair<std::string, std::string>, write_metrics> endpoints_;
  shared_groups<std::string, handler_metrics> handlers_;

  std::mutex mutex_;  // Guards what follows.
  metric_set lasting_;
  std::vector<std::function<void()>> hooks_;
};

}  // namespace rollcall
