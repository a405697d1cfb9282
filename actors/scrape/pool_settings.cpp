#include "actors/scrape/pool_settings.hpp"

#include "lib/base/assert.hpp"
#include "lib/http/accept.hpp"

#include <fmt/format.h>

namespace rollcall {

namespace {

constexpr std::string_view timeout_header = "X-Prometheus-Scrape-Timeout-Seconds";

std::string seconds_text(milliseconds duration) {
  return fmt::format("{}", static_cast<double>(duration.count()) / 1000.0);
}

// A configuration that was loaded has only valid rules.
relabel::program compile(const std::vector<relabel::rule_config>& rules, name_validation scheme) {
  auto program = relabel::program::compile(rules, scheme);
  ROLLCALL_ASSERT(program.has_value());
  return std::move(*program);
}

series::ingest_options_ptr ingest_of(const scrape_config& config) {
  auto ingest = std::make_shared<series::ingest_options>();
  ingest->honor_labels = config.honor_labels;
  ingest->honor_timestamps = config.honor_timestamps;
  ingest->track_timestamps_staleness = config.track_timestamps_staleness;
  ingest->metric_relabel = compile(config.metric_relabel_configs, config.metric_name_validation_scheme);
  ingest->validation = config.metric_name_validation_scheme;
  ingest->sample_limit = config.limits.sample_limit;
  ingest->label_limit = config.limits.label_limit;
  ingest->label_name_length_limit = config.limits.label_name_length_limit;
  ingest->label_value_length_limit = config.limits.label_value_length_limit;
  return ingest;
}

bool same_ingest(const scrape_config& a, const scrape_config& b) {
  return a.honor_labels == b.honor_labels && a.honor_timestamps == b.honor_timestamps &&
         a.track_timestamps_staleness == b.track_timestamps_staleness &&
         a.metric_relabel_configs == b.metric_relabel_configs &&
         a.metric_name_validation_scheme == b.metric_name_validation_scheme &&
         a.limits.sample_limit == b.limits.sample_limit && a.limits.label_limit == b.limits.label_limit &&
         a.limits.label_name_length_limit == b.limits.label_name_length_limit &&
         a.limits.label_value_length_limit == b.limits.label_value_length_limit;
}

bool is_text(scrape_protocol protocol) {
  return protocol == scrape_protocol::prometheus_text_0_0_4 || protocol == scrape_protocol::prometheus_text_1_0_0;
}

// The formats that this version reads, in the job's order of preference.
std::vector<std::string_view> accepted_formats(const scrape_config& config) {
  std::vector<std::string_view> formats;
  for (auto protocol : config.scrape_protocols) {
    if (is_text(protocol)) formats.push_back(to_string(protocol));
  }
  return formats;
}

http::header_list headers_of(const scrape_config& config) {
  http::header_list headers;
  auto escaping = to_string(config.metric_name_escaping_scheme);
  headers.push_back({"Accept", http::accept_header(accepted_formats(config), escaping)});
  headers.push_back({"Accept-Encoding", config.enable_compression ? "gzip" : "identity"});
  headers.push_back({"User-Agent", "rollcall/" ROLLCALL_VERSION});
  headers.push_back({std::string(timeout_header), seconds_text(config.scrape_timeout)});
  return headers;
}

}  // namespace

target_set_options target_options_of(const scrape_config& config) {
  target_set_options options;
  options.settings.job = config.job_name;
  options.settings.scrape_interval = config.scrape_interval;
  options.settings.scrape_timeout = config.scrape_timeout;
  options.settings.metrics_path = config.metrics_path;
  options.settings.scheme = config.scheme;
  options.settings.params = config.params;
  options.settings.relabel = compile(config.relabel_configs, config.metric_name_validation_scheme);
  options.settings.convert_classic_histograms_to_nhcb = config.convert_classic_histograms_to_nhcb;
  options.settings.always_scrape_classic_histograms = config.always_scrape_classic_histograms;
  options.settings.scrape_native_histograms = config.scrape_native_histograms;
  options.keep_dropped_targets = config.limits.keep_dropped_targets;
  options.target_limit = config.limits.target_limit;
  return options;
}

loop_settings_ptr loop_settings_of(const scrape_config& config, const scrape_config* config_before,
                                   const loop_settings_ptr& before) {
  auto settings = std::make_shared<loop_settings>();
  settings->job = config.job_name;
  settings->headers = std::make_shared<http::header_list>(headers_of(config));
  settings->client = std::make_shared<http::client_config>(config.http);
  bool keep = config_before && before && same_ingest(config, *config_before);
  settings->ingest = keep ? before->ingest : ingest_of(config);
  settings->body_size_limit = config.limits.body_size_limit;
  settings->fallback_to_text = config.fallback_scrape_protocol && is_text(*config.fallback_scrape_protocol);
  settings->extra_scrape_metrics = config.extra_scrape_metrics;
  return settings;
}

http::request_ptr request_of(const target& target, const loop_settings& settings, const scrape_config& config) {
  auto request = std::make_shared<http::request>();
  request->url = target.url;
  request->client = settings.client;
  request->unix_socket = target.unix_socket;
  request->affinity = static_cast<uint32_t>(target.identity);
  request->headers = settings.headers;
  if (target.timeout != config.scrape_timeout) {
    auto headers = *settings.headers;
    for (auto& header : headers)
      if (header.name == timeout_header) header.value = seconds_text(target.timeout);
    request->headers = std::make_shared<http::header_list>(std::move(headers));
  }
  return request;
}

}  // namespace rollcall
