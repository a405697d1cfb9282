#include "config/scrape_section.hpp"

#include "config/global_section.hpp"
#include "config/http_section.hpp"
#include "config/relabel_section.hpp"
#include "lib/labels/quote.hpp"

#include <fmt/format.h>

namespace rollcall {
namespace {

void read_times(yaml_reader& reader, const global_config& global, scrape_config& out) {
  reader.read("scrape_interval", out.scrape_interval);
  reader.read("scrape_timeout", out.scrape_timeout);
  if (out.scrape_interval == milliseconds(0)) out.scrape_interval = global.scrape_interval;
  if (out.scrape_timeout > out.scrape_interval)
    reader.report_at("scrape_timeout",
                     fmt::format("scrape timeout greater than scrape interval for scrape config with job name {}",
                                 rollcall::quoted(out.job_name)));
  if (out.scrape_timeout == milliseconds(0)) out.scrape_timeout = std::min(global.scrape_timeout, out.scrape_interval);
}

void read_formats(yaml_reader& reader, const global_config& global, scrape_config& out) {
  auto place = fmt::format("for scrape config with job name {}", rollcall::quoted(out.job_name));
  out.histograms = global.histograms;
  read_histograms(reader, out.histograms);
  out.scrape_protocols =
      global.scrape_protocols_given ? global.scrape_protocols : default_scrape_protocols(global, out.histograms);
  read_scrape_protocols(reader, place, out.scrape_protocols);
  std::string fallback;
  if (reader.read("fallback_scrape_protocol", fallback) && !fallback.empty()) {
    out.fallback_scrape_protocol = parse_scrape_protocol(fallback);
    if (!out.fallback_scrape_protocol)
      reader.report_at("fallback_scrape_protocol", fmt::format("invalid fallback_scrape_protocol {}: {}", place,
                                                               unknown_protocol_message(fallback)));
  }
  reader.read("native_histogram_bucket_limit", out.native_histogram_bucket_limit);
  reader.read("native_histogram_min_bucket_factor", out.native_histogram_min_bucket_factor);
  out.scrape_failure_log_file = global.scrape_failure_log_file;
  std::string log_file;
  if (reader.read_path("scrape_failure_log_file", log_file) && !log_file.empty())
    out.scrape_failure_log_file = log_file;
}

void read_relabeling(yaml_reader& reader, scrape_config& out) {
  auto scheme = out.metric_name_validation_scheme;
  read_relabel_section(reader, "relabel_configs", "target relabeling rule in scrape config", scheme,
                       out.relabel_configs);
  read_relabel_section(reader, "metric_relabel_configs", "metric relabeling rule in scrape config", scheme,
                       out.metric_relabel_configs);
}

}  // namespace

void read_scrape_section(yaml_reader& reader, const global_config& global, std::span<const mechanism> mechanisms,
                         scrape_config& out) {
  reader.read("job_name", out.job_name);
  if (out.job_name.empty()) reader.report_at("job_name", "job_name is empty");
  reader.read("honor_labels", out.honor_labels);
  reader.read("honor_timestamps", out.honor_timestamps);
  reader.read("track_timestamps_staleness", out.track_timestamps_staleness);
  reader.read("params", out.params);
  read_times(reader, global, out);
  read_formats(reader, global, out);
  out.extra_scrape_metrics = global.extra_scrape_metrics;
  reader.read("extra_scrape_metrics", out.extra_scrape_metrics);
  reader.read("metrics_path", out.metrics_path);
  reader.read("scheme", out.scheme);
  reader.read("enable_compression", out.enable_compression);
  out.limits = global.limits;
  read_limits(reader, out.limits);
  out.metric_name_validation_scheme = global.metric_name_validation_scheme;
  out.metric_name_escaping_scheme = global.metric_name_escaping_scheme;
  read_naming(reader, out.metric_name_validation_scheme, out.metric_name_escaping_scheme);
  read_http_section(reader, out.http);
  read_relabeling(reader, out);
  read_discovery_section(reader, mechanisms, {.has_relabel_configs = !out.relabel_configs.empty()}, out.sd_configs);
}

void write_scrape_section(yaml_writer& writer, const scrape_config& job, std::span<const mechanism> mechanisms) {
  writer.field("job_name", job.job_name);
  writer.optional("honor_labels", job.honor_labels);
  writer.field("honor_timestamps", job.honor_timestamps);
  writer.field("track_timestamps_staleness", job.track_timestamps_staleness);
  writer.optional("params", job.params);
  writer.field("scrape_interval", job.scrape_interval);
  writer.field("scrape_timeout", job.scrape_timeout);
  write_scrape_protocols(writer, job.scrape_protocols);
  if (job.fallback_scrape_protocol) writer.field("fallback_scrape_protocol", to_string(*job.fallback_scrape_protocol));
  write_histograms(writer, job.histograms);
  writer.optional("native_histogram_bucket_limit", job.native_histogram_bucket_limit);
  writer.optional("native_histogram_min_bucket_factor", job.native_histogram_min_bucket_factor);
  writer.optional("scrape_failure_log_file", job.scrape_failure_log_file);
  writer.field("extra_scrape_metrics", job.extra_scrape_metrics);
  writer.field("metrics_path", job.metrics_path);
  writer.field("scheme", job.scheme);
  writer.field("enable_compression", job.enable_compression);
  write_limits(writer, job.limits);
  write_naming(writer, job.metric_name_validation_scheme, job.metric_name_escaping_scheme);
  write_http_section(writer, job.http);
  write_relabel_section(writer, "relabel_configs", job.relabel_configs);
  write_relabel_section(writer, "metric_relabel_configs", job.metric_relabel_configs);
  write_discovery_section(writer, job.sd_configs, mechanisms);
}

}  // namespace rollcall
