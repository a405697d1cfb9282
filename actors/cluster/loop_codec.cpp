#include "actors/cluster/loop_codec.hpp"

#include "lib/cluster/archive.hpp"
#include "lib/labels/label_texts.hpp"

#include <utility>

namespace rollcall {

// What each struct holds, once for both directions.
namespace http {

template <class Archive>
void describe(Archive& archive, header& value) {
  archive(value.name, value.value);
}

template <class Archive>
void describe(Archive& archive, secret& value) {
  archive(value.value, value.file);
}

template <class Archive>
void describe(Archive& archive, tls_config& value) {
  archive(value.ca, value.ca_file, value.cert, value.cert_file, value.key, value.server_name,
          value.insecure_skip_verify);
  archive.choice(value.version_min, tls_version::tls13);
  archive.choice(value.version_max, tls_version::tls13);
}

template <class Archive>
void describe(Archive& archive, basic_auth& value) {
  archive(value.username, value.password);
}

template <class Archive>
void describe(Archive& archive, authorization& value) {
  archive(value.type, value.credentials);
}

template <class Archive>
void describe(Archive& archive, custom_header& value) {
  archive(value.values, value.secrets, value.files);
}

template <class Archive>
void describe(Archive& archive, proxy_config& value) {
  archive(value.url, value.no_proxy, value.from_environment, value.connect_headers);
}

template <class Archive>
void describe(Archive& archive, oauth2_config& value) {
  archive.choice(value.type, oauth2_config::grant::jwt_bearer);
  archive.choice(value.algorithm, jwt_algorithm::rs512);
  archive(value.client_id, value.client_secret, value.scopes, value.token_url, value.endpoint_params, value.tls,
          value.proxy, value.key_id, value.key, value.issuer, value.audience, value.claims);
}

template <class Archive>
void describe(Archive& archive, azure_identity& value) {
  archive.choice(value.how, azure_identity::method::standard);
  archive(value.cloud, value.client_id, value.tenant_id, value.client_secret, value.token_file, value.certificate_file,
          value.certificate_key_file, value.certificate_password, value.sends_certificate_chain, value.scope);
}

template <class Archive>
void describe(Archive& archive, google_identity& value) {
  archive(value.credentials_file);
}

template <class Archive>
void describe(Archive& archive, aws_identity& value) {
  archive(value.region, value.access_key, value.secret_key, value.profile, value.role_arn, value.external_id,
          value.service_name, value.uses_fips_endpoint);
}

template <class Archive>
void describe(Archive& archive, client_config& value) {
  archive(value.basic_auth, value.authorization, value.identity, value.tls, value.proxy, value.headers,
          value.follow_redirects, value.enable_http2, value.round_robin_dns);
}

}  // namespace http

namespace relabel {

template <class Archive>
void describe(Archive& archive, rule_config& value) {
  archive(value.source_labels, value.separator, value.regex, value.modulus, value.target_label, value.replacement);
  archive.choice(value.action, action::uppercase);
}

}  // namespace relabel

namespace series {

// Without the rules, which are compiled.
template <class Archive>
void describe(Archive& archive, ingest_options& value) {
  archive(value.honor_labels, value.honor_timestamps, value.track_timestamps_staleness, value.sample_limit,
          value.label_limit, value.label_name_length_limit, value.label_value_length_limit,
          value.scrape_native_histograms, value.always_scrape_classic_histograms,
          value.convert_classic_histograms_to_nhcb, value.native_histogram_bucket_limit,
          value.native_histogram_min_bucket_factor, value.created_timestamp_zero_ingestion, value.keep_start_times,
          value.type_and_unit_labels);
  archive.choice(value.validation, name_validation::legacy);
}

}  // namespace series

template <class Archive>
void describe(Archive& archive, queue_config& value) {
  archive(value.capacity, value.max_shards, value.min_shards, value.max_samples_per_send, value.batch_send_deadline,
          value.min_backoff, value.max_backoff, value.retry_on_http_429, value.sample_age_limit);
}

template <class Archive>
void describe(Archive& archive, metadata_config& value) {
  archive(value.send, value.send_interval, value.max_samples_per_send);
}

template <class Archive>
void describe(Archive& archive, remote_write_config& value) {
  archive(value.name, value.hash, value.url, value.remote_timeout, value.headers, value.write_relabel_configs,
          value.failed_request_logging, value.send_exemplars, value.send_native_histograms, value.http,
          value.queue_config, value.metadata_config);
  archive.choice(value.protobuf_message, write_message::v2);
  archive.choice(value.compression, write_compression::zstd);
}

namespace {

struct settings_bytes {
  std::string job;
  http::header_list headers;
  http::client_config client;
  series::ingest_options ingest;
  std::vector<relabel::rule_config> rules;
  uint64_t body_size_limit = 0;
  bool has_fallback = false;
  http::exposition_format fallback = http::exposition_format::text;
  bool extra_scrape_metrics = false;
  std::string failure_log_file;
  timestamp_adjustment adjust_timestamps = timestamp_adjustment::on;
  milliseconds timestamp_tolerance{0};
};

template <class Archive>
void describe(Archive& archive, settings_bytes& value) {
  archive(value.job, value.headers, value.client, value.ingest, value.rules, value.body_size_limit, value.has_fallback,
          value.extra_scrape_metrics, value.failure_log_file, value.timestamp_tolerance);
  archive.choice(value.fallback, http::exposition_format::protobuf);
  archive.choice(value.adjust_timestamps, timestamp_adjustment::on);
}

template <class Value>
std::string encode(const Value& value) {
  std::string bytes;
  cluster::writing_archive archive(bytes);
  archive(value);
  return bytes;
}

template <class... Values>
result<void> decode(std::string_view bytes, const char* complaint, Values&... values) {
  cluster::reading_archive archive(bytes);
  archive(values...);
  if (!archive.finished()) return fail(errc::syntax, complaint);
  return {};
}

}  // namespace

uint64_t key_of(const loop_assignment& assignment) {
  return cluster::digest(assignment.settings->job + '/' + std::to_string(assignment.identity));
}

std::string encode_settings(const loop_settings& settings) {
  settings_bytes value;
  value.job = settings.job;
  if (settings.headers) value.headers = *settings.headers;
  if (settings.client) value.client = *settings.client;
  value.ingest = *settings.ingest;
  value.rules = settings.ingest->metric_relabel.configs();
  value.body_size_limit = settings.body_size_limit;
  value.has_fallback = settings.fallback_format.has_value();
  value.fallback = settings.fallback_format.value_or(http::exposition_format::text);
  value.extra_scrape_metrics = settings.extra_scrape_metrics;
  value.failure_log_file = settings.failure_log_file;
  value.adjust_timestamps = settings.adjust_timestamps;
  value.timestamp_tolerance = settings.timestamp_tolerance;
  return encode(value);
}

result<loop_settings_ptr> decode_settings(std::string_view bytes) {
  settings_bytes value;
  if (auto read = decode(bytes, "malformed settings", value); !read) return tl::unexpected(read.error());
  auto program = relabel::program::compile(value.rules, value.ingest.validation);
  if (!program) return tl::unexpected(program.error());
  auto settings = std::make_shared<loop_settings>();
  auto ingest = std::make_shared<series::ingest_options>(std::move(value.ingest));
  ingest->metric_relabel = std::move(*program);
  settings->job = std::move(value.job);
  settings->headers = std::make_shared<http::header_list>(std::move(value.headers));
  settings->client = std::make_shared<http::client_config>(std::move(value.client));
  settings->ingest = std::move(ingest);
  settings->body_size_limit = value.body_size_limit;
  if (value.has_fallback) settings->fallback_format = value.fallback;
  settings->extra_scrape_metrics = value.extra_scrape_metrics;
  settings->failure_log_file = std::move(value.failure_log_file);
  settings->adjust_timestamps = value.adjust_timestamps;
  settings->timestamp_tolerance = value.timestamp_tolerance;
  return settings;
}

cluster::loop_plan plan_of(const loop_assignment& assignment, uint64_t settings) {
  const auto& request = *assignment.request;
  bool has_own_headers = request.headers && request.headers != assignment.settings->headers;
  std::string bytes;
  cluster::writing_archive archive(bytes);
  archive(request.url, request.unix_socket, has_own_headers ? *request.headers : http::header_list(),
          texts_of(assignment.visible), assignment.identity, assignment.timeout, assignment.forced_error);
  return {key_of(assignment), assignment.interval, assignment.phase, settings,
          std::make_shared<const std::string>(std::move(bytes))};
}

result<loop_assignment> assignment_of(const cluster::loop_plan& plan, loop_settings_ptr settings) {
  loop_assignment assignment;
  auto request = std::make_shared<http::request>();
  http::header_list own_headers;
  std::vector<std::string> visible;
  auto read = decode(*plan.bytes, "malformed loop plan", request->url, request->unix_socket, own_headers, visible,
                     assignment.identity, assignment.timeout, assignment.forced_error);
  if (!read) return tl::unexpected(read.error());
  request->affinity = static_cast<uint32_t>(assignment.identity);
  request->client = settings->client;
  request->headers =
      own_headers.empty() ? settings->headers : std::make_shared<const http::header_list>(std::move(own_headers));
  assignment.settings = std::move(settings);
  assignment.request = std::move(request);
  assignment.visible = labels_of(visible);
  assignment.interval = plan.interval;
  assignment.phase = plan.phase;
  return assignment;
}

std::string encode_delivery(const config& from) {
  std::string bytes;
  cluster::writing_archive archive(bytes);
  archive(from.remote_writes, texts_of(from.global.external_labels));
  archive.choice(from.global.metric_name_validation_scheme, name_validation::legacy);
  return bytes;
}

result<config_ptr> decode_delivery(std::string_view bytes) {
  auto made = std::make_shared<config>();
  std::vector<std::string> external;
  cluster::reading_archive archive(bytes);
  archive(made->remote_writes, external);
  archive.choice(made->global.metric_name_validation_scheme, name_validation::legacy);
  if (!archive.finished()) return fail(errc::syntax, "malformed delivery settings");
  made->global.external_labels = labels_of(external);
  return made;
}

std::string encode_status(const loop_status& status) {
  std::string bytes;
  cluster::writing_archive archive(bytes);
  archive.choice(status.health, target_health::down);
  archive(status.last_error, static_cast<uint64_t>(status.last_scrape),
          static_cast<uint64_t>(status.last_duration.count()), status.series);
  return bytes;
}

result<loop_status> decode_status(std::string_view bytes) {
  loop_status status;
  uint64_t last_scrape = 0, last_duration = 0;
  cluster::reading_archive archive(bytes);
  archive.choice(status.health, target_health::down);
  archive(status.last_error, last_scrape, last_duration, status.series);
  if (!archive.finished()) return fail(errc::syntax, "malformed status");
  status.last_scrape = static_cast<int64_t>(last_scrape);
  status.last_duration = std::chrono::nanoseconds(static_cast<int64_t>(last_duration));
  return status;
}

}  // namespace rollcall
