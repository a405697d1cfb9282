#include "config/server_section.hpp"

#include "lib/base/byte_size.hpp"

#include <fmt/format.h>

namespace rollcall {
namespace {

std::string not_in_agent_mode(std::string_view key) {
  return fmt::format("field {} is not allowed in agent mode", key);
}

/// Whether a value below a key is a list or map with something in it, or a scalar.
bool holds_something(yaml_reader& reader, std::string_view key) {
  bool something = false;
  reader.read_any(key, key, [&](yaml_reader& value) { something = !value.is_empty(); });
  return something;
}

void read_tsdb(yaml_reader& reader, server_config& out) {
  milliseconds window{0};
  if (reader.read("out_of_order_time_window", window) && window != milliseconds(0))
    reader.report_unsupported("out_of_order_time_window", "storage.tsdb.out_of_order_time_window");
  reader.read("stale_series_compaction_threshold", out.stale_series_compaction_threshold);
  reader.read_map("chunk_encoding", "chunk_encoding",
                  [&](yaml_reader& fields) { fields.read("floats", out.chunk_encoding_floats); });
  reader.read_map("retention", "retention", [&](yaml_reader& fields) {
    fields.read("time", out.retention_time);
    fields.read_size("size", out.retention_size);
    fields.read("percentage", out.retention_percentage);
    if (!(out.retention_percentage >= 0 && out.retention_percentage <= 100))
      fields.report_at("percentage", "storage.tsdb.retention.percentage must be from 0 to 100");
  });
}

void read_storage(yaml_reader& reader, server_config& out) {
  reader.read_map("tsdb", "tsdb", [&](yaml_reader& fields) { read_tsdb(fields, out); });
  reader.read_map("exemplars", "exemplars",
                  [&](yaml_reader& fields) { fields.read("max_exemplars", out.max_exemplars); });
}

}  // namespace

void read_server_sections(yaml_reader& reader, server_config& out) {
  reader.read_map("runtime", "runtime", [&](yaml_reader& fields) { fields.read("gogc", out.gogc); });
  reader.read_map("storage", "storage", [&](yaml_reader& fields) { read_storage(fields, out); });
  bool alerts = false;
  reader.read_map("alerting", "alerting", [&](yaml_reader& fields) {
    alerts = holds_something(fields, "alertmanagers") | holds_something(fields, "alert_relabel_configs");
  });
  if (alerts) reader.report_key("alerting", not_in_agent_mode("alerting"));
  for (std::string_view key : {"rule_files", "remote_read"})
    if (holds_something(reader, key)) reader.report_key(key, not_in_agent_mode(key));
  for (std::string_view key : {"tracing", "otlp"})
    if (holds_something(reader, key)) reader.report_key(key, unsupported_message(key), errc::unsupported);
}

void write_server_sections(yaml_writer& writer, const server_config& server) {
  writer.map("runtime", [&] { writer.field("gogc", server.gogc); });
  writer.map("storage", [&] {
    writer.map("tsdb", [&] {
      writer.optional("stale_series_compaction_threshold", server.stale_series_compaction_threshold);
      if (!server.chunk_encoding_floats.empty())
        writer.map("chunk_encoding", [&] { writer.field("floats", server.chunk_encoding_floats); });
      if (server.retention_time != milliseconds(0) || server.retention_size != 0 || server.retention_percentage != 0)
        writer.map("retention", [&] {
          writer.optional("time", server.retention_time);
          if (server.retention_size != 0) writer.field("size", format_byte_size(server.retention_size));
          writer.optional("percentage", server.retention_percentage);
        });
    });
    writer.map("exemplars", [&] { writer.field("max_exemplars", server.max_exemplars); });
  });
}

}  // namespace rollcall
