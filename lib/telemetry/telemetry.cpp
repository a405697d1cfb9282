#include "lib/telemetry/telemetry.hpp"

#include "lib/telemetry/process.hpp"

#include <prometheus/text_serializer.h>
#include <sys/utsname.h>

#include <algorithm>
#include <iterator>
#include <sstream>
#include <string_view>

namespace rollcall {

namespace {

std::string machine() {
  utsname names{};
  if (uname(&names) != 0) return "unknown";
  // Go's names, as Prometheus reports them.
  std::string machine = names.machine;
  if (machine == "x86_64") return "amd64";
  if (machine == "aarch64") return "arm64";
  return machine;
}

metric_labels build_labels() {
  return {{"version", ROLLCALL_VERSION},
          {"revision", ""},
          {"branch", ""},
          {"goversion", ""},
          {"goos", "linux"},
          {"tags", ""},
          {"goarch", machine()}};
}

/// The interval as Go's time.Duration prints it, which is what Prometheus puts into the label: "15s", "1m0s", "500ms".
std::string interval_label(std::chrono::milliseconds interval) {
  using std::to_string;
  const auto total = interval.count();
  if (total != 0 && total < 1000) return to_string(total) + "ms";
  const auto hours = total / 3'600'000, minutes = total / 60'000 % 60, seconds = total / 1000 % 60;
  std::string text;
  if (hours > 0) text += to_string(hours) + 'h';
  if (hours > 0 || minutes > 0) text += to_string(minutes) + 'm';
  text += to_string(seconds);
  if (auto rest = total % 1000; rest != 0) {
    auto digits = to_string(1000 + rest).substr(1);
    text += '.' + digits.substr(0, digits.find_last_not_of('0') + 1);
  }
  return text + 's';
}

/// The library writes "Nan", for which the formats have "NaN".
void spell_nan(std::string& text) {
  constexpr std::string_view wrong = " Nan\n";
  for (auto at = text.find(wrong); at != std::string::npos; at = text.find(wrong, at + wrong.size()))
    text[at + 3] = 'N';
}

void sort_by_name_and_labels(std::vector<prometheus::MetricFamily>& families) {
  std::sort(families.begin(), families.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  for (auto& family : families)
    std::sort(family.metric.begin(), family.metric.end(),
              [](const auto& a, const auto& b) { return a.label < b.label; });
}

/// OpenMetrics names a family of counters without the "_total" that its samples have, and ends with a marker.
/// https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md, "Overall Structure".
std::string to_openmetrics(const std::string& text) {
  std::string out;
  out.reserve(text.size());
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# HELP ") || line.starts_with("# TYPE ")) {
      auto name_end = line.find(' ', 7);
      constexpr std::string_view suffix = "_total";
      if (name_end != std::string::npos && std::string_view(line).substr(0, name_end).ends_with(suffix))
        line.erase(name_end - suffix.size(), suffix.size());
    }
    out += line;
    out += '\n';
  }
  return out += "# EOF\n";
}

}  // namespace

telemetry::telemetry()
    : scrape(registry_),
      discovery(registry_),
      consul(registry_),
      nomad(registry_),
      kuma(registry_),
      snapshot_store(registry_),
      write_input(registry_),
      daemon(registry_),
      lasting_(registry_) {
  lasting_
      .add_gauge("prometheus_build_info",
                 "A metric with a constant '1' value labeled by version, revision, branch, goversion from which the "
                 "daemon was built, and the goos and goarch for the build.",
                 build_labels())
      .Set(1);
}

std::shared_ptr<pool_metrics> telemetry::pool(const std::string& job) {
  return pools_.get(job, [&] { return std::make_unique<pool_metrics>(registry_, job); });
}

std::shared_ptr<interval_metrics> telemetry::interval(std::chrono::milliseconds interval) {
  auto text = interval_label(interval);
  return intervals_.get(text, [&] { return std::make_unique<interval_metrics>(registry_, text); });
}

std::shared_ptr<discovered_metrics> telemetry::discovered(const std::string& job) {
  return discovered_.get(job, [&] { return std::make_unique<discovered_metrics>(registry_, job); });
}

std::shared_ptr<refresh_metrics> telemetry::refresh(const std::string& mechanism, const std::string& config) {
  histogram* all_of_mechanism = nullptr;
  {
    // There are no more mechanisms than the program knows, so their histograms may stay for good.
    std::lock_guard lock(mutex_);
    all_of_mechanism = &lasting_.add_histogram("prometheus_sd_refresh_duration_histogram_seconds",
                                               "The duration of a refresh for the given SD mechanism.",
                                               {.01, .1, 1, 10}, {{"mechanism", mechanism}});
  }
  return refreshes_.get({mechanism, config}, [&] {
    return std::make_unique<refresh_metrics>(registry_, mechanism, config, *all_of_mechanism);
  });
}

std::shared_ptr<snapshot_metrics> telemetry::snapshot(const std::string& mechanism, const std::string& config,
                                                      const std::string& snapshot) {
  return snapshots_.get({mechanism, config, snapshot},
                        [&] { return std::make_unique<snapshot_metrics>(registry_, mechanism, config, snapshot); });
}

std::shared_ptr<removal_metrics> telemetry::removals(const std::string& mechanism, const std::string& config) {
  return removals_.get({mechanism, config},
                       [&] { return std::make_unique<removal_metrics>(registry_, mechanism, config); });
}

std::shared_ptr<file_metrics> telemetry::file(const std::string& filename) {
  return files_.get(filename, [&] { return std::make_unique<file_metrics>(registry_, filename); });
}

std::shared_ptr<kubernetes_metrics> telemetry::kubernetes() {
  return kubernetes_.get("", [&] { return std::make_unique<kubernetes_metrics>(registry_); });
}

std::shared_ptr<dialer_metrics> telemetry::dialer(const std::string& name) {
  return dialers_.get(name, [&] { return std::make_unique<dialer_metrics>(registry_, name); });
}

std::shared_ptr<write_metrics> telemetry::endpoint(const std::string& remote_name, const std::string& url) {
  return endpoints_.get({remote_name, url},
                        [&] { return std::make_unique<write_metrics>(registry_, remote_name, url); });
}

std::shared_ptr<handler_metrics> telemetry::handler(const std::string& handler) {
  return handlers_.get(handler, [&] { return std::make_unique<handler_metrics>(registry_, handler); });
}

counter& telemetry::actor_restarts(const std::string& actor) {
  std::lock_guard lock(mutex_);
  return lasting_.add_counter("rollcall_actor_restarts_total", "Actors restarted after a crash, by kind.",
                              {{"actor", actor}});
}

void telemetry::on_collect(std::function<void()> hook) {
  std::lock_guard lock(mutex_);
  hooks_.push_back(std::move(hook));
}

std::string telemetry::render(metrics_format format) {
  {
    std::lock_guard lock(mutex_);
    for (auto& hook : hooks_) hook();
  }
  auto families = registry_.Collect();
  auto process = collect_process();
  std::move(process.begin(), process.end(), std::back_inserter(families));
  sort_by_name_and_labels(families);
  auto text = prometheus::TextSerializer().Serialize(families);
  spell_nan(text);
  return format == metrics_format::openmetrics ? to_openmetrics(text) : text;
}

}  // namespace rollcall
