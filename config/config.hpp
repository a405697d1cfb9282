#pragma once

#include "lib/base/duration.hpp"
#include "lib/http/client_config.hpp"
#include "lib/labels/labels.hpp"
#include "lib/labels/names.hpp"
#include "lib/relabel/relabel.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The configuration as plain values: load() makes them, everybody else reads them. Fields are named as their YAML keys.
// Values are complete: what a job inherits from `global` is already in the job, relative paths are resolved.
namespace rollcall {

class yaml_writer;

/// Exposition formats, in the order of their names in Prometheus's documentation.
enum class scrape_protocol : unsigned char {
  prometheus_proto,
  prometheus_text_0_0_4,
  prometheus_text_1_0_0,
  openmetrics_text_0_0_1,
  openmetrics_text_1_0_0,
};

/// The name used in YAML: "PrometheusText1.0.0".
std::string_view to_string(scrape_protocol protocol);
std::optional<scrape_protocol> parse_scrape_protocol(std::string_view name);

/// How a target is asked to escape names that the old rules do not allow; sent in the Accept header.
enum class escaping_scheme : unsigned char { allow_utf_8, underscores, dots, values };

/// The name used in YAML and in the Accept header: "allow-utf-8".
std::string_view to_string(escaping_scheme scheme);
std::optional<escaping_scheme> parse_escaping_scheme(std::string_view name);

/// Bounds on what one target, or one job, may send; 0 means none.
struct scrape_limits {
  uint64_t body_size_limit = 0;  ///< Bytes of an inflated body.
  uint64_t sample_limit = 0;
  uint64_t target_limit = 0;
  uint64_t label_limit = 0;
  uint64_t label_name_length_limit = 0;   ///< Bytes.
  uint64_t label_value_length_limit = 0;  ///< Bytes.
  uint64_t keep_dropped_targets = 0;

  bool operator==(const scrape_limits&) const = default;
};

/// What a mechanism reads from one entry of its `<name>_sd_configs`. Each mechanism derives its own plain struct.
class sd_options {
 public:
  virtual ~sd_options() = default;
  /// Equality by value. Only called with options of the same mechanism.
  virtual bool equals(const sd_options& other) const = 0;
  /// Writes itself as items of the list below the mechanism's key, secrets hidden.
  virtual void write(yaml_writer& writer) const = 0;

 protected:
  sd_options() = default;
  sd_options(const sd_options&) = default;
  sd_options& operator=(const sd_options&) = default;
};

using sd_options_ptr = std::shared_ptr<const sd_options>;

/// One service discovery of a job. Jobs with equal ones can share a provider.
struct sd_config {
  std::string mechanism;   ///< "static", "file", "http", ...
  sd_options_ptr options;  ///< Never null.

  bool operator==(const sd_config& other) const {
    return mechanism == other.mechanism && (options == other.options || options->equals(*other.options));
  }
};

/// How native histograms come in, for which a job starts with what `global` says.
struct histogram_config {
  bool scrape_native_histograms = false;
  bool always_scrape_classic_histograms = false;
  bool convert_classic_histograms_to_nhcb = false;

  bool operator==(const histogram_config&) const = default;
};

struct global_config {
  milliseconds scrape_interval = std::chrono::minutes(1);
  milliseconds scrape_timeout = std::chrono::seconds(10);
  std::vector<scrape_protocol> scrape_protocols = {
      scrape_protocol::openmetrics_text_1_0_0, scrape_protocol::openmetrics_text_0_0_1,
      scrape_protocol::prometheus_text_1_0_0, scrape_protocol::prometheus_text_0_0_4};
  /// Whether the protocols are those of the configuration. Otherwise a job with native histograms asks for protobuf.
  bool scrape_protocols_given = false;
  bool prefer_protobuf = false;  ///< Whether every other job does so too; not from the configuration.
  histogram_config histograms;
  std::string scrape_failure_log_file;                         ///< Empty: none.
  milliseconds evaluation_interval = std::chrono::minutes(1);  ///< Of rules, which an agent has none of.
  milliseconds rule_query_offset{0};                           ///< Of rules, which an agent has none of.
  std::string query_log_file;                                  ///< Of queries, which an agent does not answer.
  labels external_labels;                                      ///< Environment variables already expanded.
  scrape_limits limits;
  name_validation metric_name_validation_scheme = name_validation::utf8;
  escaping_scheme metric_name_escaping_scheme = escaping_scheme::allow_utf_8;
  bool extra_scrape_metrics = false;

  bool operator==(const global_config&) const = default;
};

/// One job. 0 < scrape_timeout <= scrape_interval; every relabeling rule is valid for the job's naming scheme.
struct scrape_config {
  std::string job_name;
  bool honor_labels = false;
  bool honor_timestamps = true;
  bool track_timestamps_staleness = false;
  std::map<std::string, std::vector<std::string>> params;
  milliseconds scrape_interval{0};
  milliseconds scrape_timeout{0};
  std::vector<scrape_protocol> scrape_protocols;  ///< In order of preference; never empty.
  std::optional<scrape_protocol> fallback_scrape_protocol;
  histogram_config histograms;
  uint64_t native_histogram_bucket_limit = 0;     ///< 0: none.
  double native_histogram_min_bucket_factor = 0;  ///< 0: none.
  std::string scrape_failure_log_file;            ///< Empty: none.
  bool extra_scrape_metrics = false;
  std::string metrics_path = "/metrics";
  std::string scheme = "http";
  bool enable_compression = true;
  scrape_limits limits;
  name_validation metric_name_validation_scheme = name_validation::utf8;
  escaping_scheme metric_name_escaping_scheme = escaping_scheme::allow_utf_8;
  http::client_config http;
  std::vector<relabel::rule_config> relabel_configs;
  std::vector<relabel::rule_config> metric_relabel_configs;
  std::vector<sd_config> sd_configs;  ///< All static_configs of a job are one of them.

  bool operator==(const scrape_config&) const = default;
};

using scrape_config_ptr = std::shared_ptr<const scrape_config>;

/// How a remote_write endpoint queues. All counts and times are positive, except sample_age_limit, where 0 means none.
struct queue_config {
  uint64_t capacity = 10000;
  uint64_t max_shards = 50;
  uint64_t min_shards = 1;
  uint64_t max_samples_per_send = 2000;
  milliseconds batch_send_deadline = std::chrono::seconds(5);
  milliseconds min_backoff{30};
  milliseconds max_backoff = std::chrono::seconds(5);
  bool retry_on_http_429 = false;
  milliseconds sample_age_limit{0};

  bool operator==(const queue_config&) const = default;
};

/// The protobuf message that an endpoint is sent.
enum class write_message : uint8_t {
  v1,  ///< prometheus.WriteRequest
  v2,  ///< io.prometheus.write.v2.Request
};

/// What an endpoint's requests are compressed with.
enum class write_compression : uint8_t {
  snappy,
  zstd,  ///< In VictoriaMetrics's protocol, as long as the receiver understands it.
};

/// How metadata is sent beside messages of version 1; those of version 2 have it in them.
struct metadata_config {
  bool send = true;
  milliseconds send_interval = std::chrono::minutes(1);
  uint64_t max_samples_per_send = 2000;

  bool operator==(const metadata_config&) const = default;
};

struct remote_write_config {
  /// As written, or else the first 6 characters of the hash. Unique.
  std::string name;
  /// MD5 (hexadecimal) of the entry as written to YAML: the same for the same entry, whatever its secrets.
  std::string hash;
  std::string url;
  milliseconds remote_timeout = std::chrono::seconds(30);
  std::map<std::string, std::string> headers;
  std::vector<relabel::rule_config> write_relabel_configs;
  write_message protobuf_message = write_message::v1;
  write_compression compression = write_compression::snappy;
  bool failed_request_logging = false;
  bool send_exemplars = false;
  bool send_native_histograms = false;
  http::client_config http;  ///< enable_http2 defaults to false here.
  rollcall::queue_config queue_config;
  rollcall::metadata_config metadata_config;

  bool operator==(const remote_write_config&) const = default;
};

/// What a Prometheus server would use and an agent does not: checked and shown, without effect.
struct server_config {
  uint64_t gogc = 75;
  uint64_t max_exemplars = 100000;
  milliseconds retention_time{0};
  uint64_t retention_size = 0;  ///< Bytes.
  double retention_percentage = 0;
  double stale_series_compaction_threshold = 0;
  std::string chunk_encoding_floats;

  bool operator==(const server_config&) const = default;
};

struct config {
  global_config global;
  server_config server;
  std::vector<scrape_config_ptr> scrape_configs;  ///< Those of scrape_config_files too; job names are unique.
  std::vector<std::string> scrape_config_files;   ///< The patterns, as absolute paths or as relative as the main file.
  std::vector<remote_write_config> remote_writes;
  std::string yaml;                          ///< Normalised, with secrets shown as <secret>; load() accepts it.
  std::vector<std::filesystem::path> files;  ///< What was read: the main file, then the scrape_config_files.
  std::vector<std::string> warnings;         ///< What is worth a line in the log and no error.
};

using config_ptr = std::shared_ptr<const config>;

}  // namespace rollcall
