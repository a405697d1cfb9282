#include "actors/scrape/pool_settings.hpp"

#include "lib/base/assert.hpp"
#include "lib/http/accept.hpp"

#include <fmt/format.h>

#include <utility>

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

std::shared_ptr<series::ingest_options> ingest_of(const scrape_config& config, const scrape_mode& mode) {
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
  ingest->native_histogram_bucket_limit = config.native_histogram_bucket_limit;
  ingest->native_histogram_min_bucket_factor = config.native_histogram_min_bucket_factor;
  ingest->created_timestamp_zero_ingestion = mode.created_timestamp_zero_ingestion;
  ingest->keep_start_times = mode.keep_start_times;
  ingest->type_and_unit_labels = mode.type_and_unit_labels;
  return ingest;
}

bool same_ingest(const scrape_config& a, const scrape_config& b) {
  return a.honor_labels == b.honor_labels && a.honor_timestamps == b.honor_timestamps &&
         a.track_timestamps_staleness == b.track_timestamps_staleness &&
         a.metric_relabel_configs == b.metric_relabel_configs &&
         a.metric_name_validation_scheme == b.metric_name_validation_scheme &&
         a.limits.sample_limit == b.limits.sample_limit && a.limits.label_limit == b.limits.label_limit &&
         a.limits.label_name_length_limit == b.limits.label_name_length_limit &&
         a.limits.label_value_length_limit == b.limits.label_value_length_limit &&
         a.native_histogram_bucket_limit == b.native_histogram_bucket_limit &&
         a.native_histogram_min_bucket_factor == b.native_histogram_min_bucket_factor;
}

std::vector<std::string_view> accepted_formats(const scrape_config& config) {
  std::vector<std::string_view> formats;
  for (auto protocol : config.scrape_protocols) formats.push_back(to_string(protocol));
  return formats;
}

http::exposition_format format_of(scrape_protocol protocol) {
  switch (protocol) {
    case scrape_protocol::prometheus_proto:
      return http::exposition_format::protobuf;
    case scrape_protocol::openmetrics_text_0_0_1:
    case scrape_protocol::openmetrics_text_1_0_0:
      return http::exposition_format::openmetrics;
    case scrape_protocol::prometheus_text_0_0_4:
    case scrape_protocol::prometheus_text_1_0_0:
      break;
  }
  return http::exposition_format::text;
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
  options.settings.convert_classic_histograms_to_nhcb = config.histograms.convert_classic_histograms_to_nhcb;
  options.settings.always_scrape_classic_histograms = config.histograms.always_scrape_classic_histograms;
  options.settings.scrape_native_histograms = config.histograms.scrape_native_histograms;
  options.keep_dropped_targets = config.limits.keep_dropped_targets;
  options.target_limit = config.limits.target_limit;
  return options;
}

job_settings::job_settings(const scrape_config& config, const scrape_mode& mode) : mode_(mode) {
  set_common(config, ingest_of(config, mode_));
}

void job_settings::reconfigure(const scrape_config& config, const scrape_config& before) {
  auto former = std::exchange(variants_, {});
  bool keep = same_ingest(config, before);
  auto ingest = keep ? ingest_ : ingest_of(config, mode_);
  set_common(config, ingest);
  if (!keep) return;
  // Targets that keep their rules keep the object that stands for them, and with it their series.
  for (const auto& [flags, settings] : former) {
    auto again = std::make_shared<loop_settings>(*common_);
    again->ingest = settings->ingest;
    variants_.emplace(flags, std::move(again));
  }
}

void job_settings::set_common(const scrape_config& config, std::shared_ptr<const series::ingest_options> ingest) {
  auto settings = std::make_shared<loop_settings>();
  settings->job = config.job_name;
  settings->headers = std::make_shared<http::header_list>(headers_of(config));
  settings->client = std::make_shared<http::client_config>(config.http);
  settings->body_size_limit = config.limits.body_size_limit;
  if (config.fallback_scrape_protocol) settings->fallback_format = format_of(*config.fallback_scrape_protocol);
  settings->extra_scrape_metrics = config.extra_scrape_metrics;
  settings->failure_log_file = config.scrape_failure_log_file;
  settings->adjust_timestamps = mode_.adjust_timestamps;
  settings->timestamp_tolerance = mode_.timestamp_tolerance;
  ingest_ = std::move(ingest);
  settings->ingest = ingest_;
  common_ = std::move(settings);
}

const loop_settings_ptr& job_settings::of(const target& target) {
  histogram_flags flags{target.scrape_native_histograms, target.always_scrape_classic_histograms,
                        target.convert_classic_histograms_to_nhcb};
  auto& variant = variants_[flags];
  if (variant) return variant;
  auto ingest = std::make_shared<series::ingest_options>(*ingest_);
  std::tie(ingest->scrape_native_histograms, ingest->always_scrape_classic_histograms,
           ingest->convert_classic_histograms_to_nhcb) = flags;
  auto settings = std::make_shared<loop_settings>(*common_);
  settings->ingest = std::move(ingest);
  variant = std::move(settings);
  return variant;
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
