#include "config/remote_write_section.hpp"

#include "config/http_section.hpp"
#include "config/identity_section.hpp"
#include "config/relabel_section.hpp"
#include "config/url.hpp"
#include "lib/base/ascii.hpp"
#include "lib/base/assert.hpp"
#include "lib/labels/quote.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

namespace rollcall {
namespace {

constexpr std::string_view message_v1 = "prometheus.WriteRequest";
constexpr std::string_view message_v2 = "io.prometheus.write.v2.Request";
constexpr std::string_view compression_snappy = "snappy";
constexpr std::string_view compression_zstd = "zstd";
constexpr size_t generated_name_length = 6;
// What a batch may hold at most, so that a request fits into memory whatever the configuration says.
constexpr uint64_t samples_per_send_max = 1'000'000;
constexpr uint64_t capacity_max = 1'000'000'000;
constexpr uint64_t shards_max = 10'000;

std::string md5_hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  ROLLCALL_ASSERT(EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_md5(), nullptr) == 1);
  std::string out;
  for (unsigned i = 0; i < length; ++i) out += fmt::format("{:02x}", digest[i]);
  return out;
}

void read_write_headers(yaml_reader& reader, std::map<std::string, std::string>& out) {
  reader.read_entries("headers", "headers", [&](std::string_view name, yaml_reader& value) {
    const std::string lower = ascii_lower(name);
    if (lower == "authorization")
      value.report(
          "authorization header must be changed via the basic_auth, authorization, oauth2, sigv4, azuread or "
          "google_iam parameter");
    // Only scrapes carry the scrape timeout, so that one is free here.
    if (is_reserved_http_header(name) && lower != "x-prometheus-scrape-timeout-seconds")
      value.report(fmt::format("{} is a reserved header. It must not be changed", name));
    auto& text = out[std::string(name)];
    value.read_self(text);
    auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
    if (name.empty() || std::any_of(name.begin(), name.end(), is_control) || name.find_first_of(": ") != name.npos)
      value.report(fmt::format("{} is not a valid header name", rollcall::quoted(name)));
    if (std::any_of(text.begin(), text.end(), is_control))
      value.report(fmt::format("the value of header {} holds a control character", rollcall::quoted(name)));
  });
}

void read_queue(yaml_reader& reader, queue_config& out) {
  auto positive = [&](std::string_view key, auto& value, auto max) {
    reader.read(key, value);
    using type = std::remove_reference_t<decltype(value)>;
    if (value == type{}) reader.report_at(key, fmt::format("{} must be greater than 0", key));
    if (max != type{} && value > max) reader.report_at(key, fmt::format("{} is too large", key));
  };
  positive("capacity", out.capacity, capacity_max);
  positive("max_shards", out.max_shards, shards_max);
  positive("min_shards", out.min_shards, shards_max);
  positive("max_samples_per_send", out.max_samples_per_send, samples_per_send_max);
  positive("batch_send_deadline", out.batch_send_deadline, milliseconds(0));
  positive("min_backoff", out.min_backoff, milliseconds(0));
  positive("max_backoff", out.max_backoff, milliseconds(0));
  reader.read("retry_on_http_429", out.retry_on_http_429);
  reader.read("sample_age_limit", out.sample_age_limit);
  if (out.min_shards > out.max_shards)
    reader.report_at(reader.has("min_shards") ? "min_shards" : "max_shards",
                     "min_shards must not be greater than max_shards");
  if (out.min_backoff > out.max_backoff)
    reader.report_at(reader.has("min_backoff") ? "min_backoff" : "max_backoff",
                     "min_backoff must not be greater than max_backoff");
}

void read_metadata(yaml_reader& reader, metadata_config& out) {
  reader.read("send", out.send);
  reader.read("send_interval", out.send_interval);
  reader.read("max_samples_per_send", out.max_samples_per_send);
  if (out.send && out.send_interval == milliseconds(0))
    reader.report_at("send_interval", "send_interval must be greater than 0");
  if (out.max_samples_per_send == 0 || out.max_samples_per_send > samples_per_send_max)
    reader.report_at("max_samples_per_send",
                     fmt::format("max_samples_per_send must be from 1 to {}", samples_per_send_max));
}

void read_message(yaml_reader& reader, write_message& out) {
  std::string message;
  if (!reader.read("protobuf_message", message) || message.empty() || message == message_v1) return;
  if (message != message_v2)
    return reader.report_at(
        "protobuf_message",
        fmt::format("unknown remote write protobuf message {}, supported: {}, {}", message, message_v1, message_v2));
  out = write_message::v2;
}

// Not Prometheus's.
void read_compression(yaml_reader& reader, write_message message, write_compression& out) {
  std::string compression;
  if (!reader.read("compression", compression) || compression == compression_snappy) return;
  if (compression != compression_zstd)
    return reader.report_at("compression", fmt::format("unknown remote write compression {}, supported: {}, {}",
                                                       compression, compression_snappy, compression_zstd));
  if (message != write_message::v1)
    return reader.report_at("compression",
                            fmt::format("compression {} is for messages {} only", compression_zstd, message_v1));
  out = write_compression::zstd;
}

}  // namespace

void read_remote_write_section(yaml_reader& reader, name_validation scheme, remote_write_config& out) {
  out.http.enable_http2 = false;
  reader.read("url", out.url);
  if (out.url.empty())
    reader.report_at("url", "url for remote_write is empty");
  else if (auto valid = check_http_url(out.url); !valid)
    reader.report_at("url", valid.error().message, valid.error().code);
  reader.read("name", out.name);
  reader.read_positive("remote_timeout", out.remote_timeout);
  read_write_headers(reader, out.headers);
  read_relabel_section(reader, "write_relabel_configs", "relabeling rule in remote write config", scheme,
                       out.write_relabel_configs);
  reader.read("failed_request_logging", out.failed_request_logging);
  reader.read("send_exemplars", out.send_exemplars);
  reader.read("send_native_histograms", out.send_native_histograms);
  reader.read("round_robin_dns", out.http.round_robin_dns);
  read_message(reader, out.protobuf_message);
  read_compression(reader, out.protobuf_message, out.compression);
  read_http_section(reader, out.http);
  read_cloud_identity_section(reader, out.http);
  reader.read_map("queue_config", "queue_config", [&](yaml_reader& fields) { read_queue(fields, out.queue_config); });
  reader.read_map("metadata_config", "metadata_config",
                  [&](yaml_reader& fields) { read_metadata(fields, out.metadata_config); });
  yaml_writer writer;
  write_remote_write_section(writer, out);
  out.hash = md5_hex(writer.text());
  if (out.name.empty()) out.name = out.hash.substr(0, generated_name_length);
}

void write_remote_write_section(yaml_writer& writer, const remote_write_config& endpoint) {
  writer.field("url", redacted_url(endpoint.url));
  writer.field("remote_timeout", endpoint.remote_timeout);
  writer.optional("headers", endpoint.headers);
  write_relabel_section(writer, "write_relabel_configs", endpoint.write_relabel_configs);
  // A generated name is generated again, and is not what identifies the entry.
  if (endpoint.hash.empty() || endpoint.name != endpoint.hash.substr(0, generated_name_length))
    writer.optional("name", endpoint.name);
  writer.field("protobuf_message", endpoint.protobuf_message == write_message::v2 ? message_v2 : message_v1);
  if (endpoint.compression == write_compression::zstd) writer.field("compression", compression_zstd);
  writer.optional("failed_request_logging", endpoint.failed_request_logging);
  writer.optional("send_exemplars", endpoint.send_exemplars);
  writer.optional("send_native_histograms", endpoint.send_native_histograms);
  writer.optional("round_robin_dns", endpoint.http.round_robin_dns);
  write_http_section(writer, endpoint.http);
  writer.map("queue_config", [&] {
    const auto& queue = endpoint.queue_config;
    writer.field("capacity", queue.capacity);
    writer.field("max_shards", queue.max_shards);
    writer.field("min_shards", queue.min_shards);
    writer.field("max_samples_per_send", queue.max_samples_per_send);
    writer.field("batch_send_deadline", queue.batch_send_deadline);
    writer.field("min_backoff", queue.min_backoff);
    writer.field("max_backoff", queue.max_backoff);
    writer.field("retry_on_http_429", queue.retry_on_http_429);
    writer.field("sample_age_limit", queue.sample_age_limit);
  });
  writer.map("metadata_config", [&] {
    writer.field("send", endpoint.metadata_config.send);
    writer.field("send_interval", endpoint.metadata_config.send_interval);
    writer.field("max_samples_per_send", endpoint.metadata_config.max_samples_per_send);
  });
}

}  // namespace rollcall
