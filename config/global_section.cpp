#include "config/global_section.hpp"

#include "config/yaml_writer.hpp"
#include "lib/base/byte_size.hpp"
#include "lib/labels/quote.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace rollcall {
namespace {

bool is_name_start(char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_name_part(char c) { return is_name_start(c) || (c >= '0' && c <= '9'); }

void read_external_labels(yaml_reader& reader, const load_options& options, name_validation scheme, labels& out,
                          std::vector<std::string>& warnings) {
  auto lookup = [&](const std::string& name) -> std::string {
    if (name == "$") return "$";
    std::optional<std::string> value;
    if (options.environment)
      value = options.environment(name);
    else if (const char* set = std::getenv(name.c_str()))
      value = set;
    if (!value || value->empty()) warnings.push_back(fmt::format("environment variable {} is empty or not set", name));
    return value.value_or("");
  };
  std::vector<std::pair<std::string, std::string>> pairs;
  reader.read_entries("external_labels", "external_labels", [&](std::string_view name, yaml_reader& value) {
    if (!is_valid_label_name(name, scheme))
      value.report(fmt::format("{} is not a valid label name", rollcall::quoted(name)));
    std::string text;
    value.read_self(text);
    pairs.emplace_back(name, expand_environment(text, lookup));
  });
  out = labels::of(std::move(pairs));
}

}  // namespace

std::string expand_environment(std::string_view text, const std::function<std::string(const std::string&)>& lookup) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    auto rest = text.substr(i + 1);
    if (rest.front() == '$') {
      out += lookup("$");
      i += 1;
    } else if (rest.front() == '{') {
      // A brace that is never closed, or holds nothing, is eaten, as Go does it.
      auto end = rest.find('}');
      if (end == std::string_view::npos) {
        i += 1;
        continue;
      }
      if (end > 1) out += lookup(std::string(rest.substr(1, end - 1)));
      i += end + 1;
    } else if (is_name_start(rest.front())) {
      size_t length = 1;
      while (length < rest.size() && is_name_part(rest[length])) ++length;
      out += lookup(std::string(rest.substr(0, length)));
      i += length;
    } else {
      out += '$';
    }
  }
  return out;
}

std::string unknown_protocol_message(std::string_view name) {
  return fmt::format(
      "unknown scrape protocol {}, supported: [OpenMetricsText0.0.1 OpenMetricsText1.0.0 PrometheusProto "
      "PrometheusText0.0.4 PrometheusText1.0.0]",
      name);
}

std::vector<scrape_protocol> default_scrape_protocols(const global_config& global, const histogram_config& histograms) {
  auto protocols = global_config().scrape_protocols;
  // No text format carries native histograms.
  if (histograms.scrape_native_histograms || global.prefer_protobuf)
    protocols.insert(protocols.begin(), scrape_protocol::prometheus_proto);
  return protocols;
}

bool read_scrape_protocols(yaml_reader& reader, std::string_view place, std::vector<scrape_protocol>& out) {
  std::vector<std::string> names;
  if (!reader.read("scrape_protocols", names)) return false;
  out.clear();
  for (size_t i = 0; i < names.size(); ++i) {
    auto protocol = parse_scrape_protocol(names[i]);
    if (!protocol) {
      reader.report_at("scrape_protocols", i, fmt::format("{} {}", unknown_protocol_message(names[i]), place));
      return true;
    }
    if (std::find(out.begin(), out.end(), *protocol) != out.end()) {
      reader.report_at(
          "scrape_protocols", i,
          fmt::format("duplicated protocol in scrape_protocols, got [{}] {}", fmt::join(names, " "), place));
      return true;
    }
    out.push_back(*protocol);
  }
  if (out.empty()) reader.report_at("scrape_protocols", fmt::format("scrape_protocols cannot be empty {}", place));
  return true;
}

void read_histograms(yaml_reader& reader, histogram_config& out) {
  reader.read("scrape_native_histograms", out.scrape_native_histograms);
  reader.read("always_scrape_classic_histograms", out.always_scrape_classic_histograms);
  reader.read("convert_classic_histograms_to_nhcb", out.convert_classic_histograms_to_nhcb);
}

void read_limits(yaml_reader& reader, scrape_limits& out) {
  auto count = [&](std::string_view key, uint64_t& limit) {
    uint64_t value = 0;
    if (reader.read(key, value) && value != 0) limit = value;
  };
  uint64_t bytes = 0;
  if (reader.read_size("body_size_limit", bytes) && bytes != 0) out.body_size_limit = bytes;
  count("sample_limit", out.sample_limit);
  count("target_limit", out.target_limit);
  count("label_limit", out.label_limit);
  count("label_name_length_limit", out.label_name_length_limit);
  count("label_value_length_limit", out.label_value_length_limit);
  count("keep_dropped_targets", out.keep_dropped_targets);
}

void read_naming(yaml_reader& reader, name_validation& validation, escaping_scheme& escaping) {
  std::string name;
  bool validation_given = reader.read("metric_name_validation_scheme", name) && !name.empty();
  if (validation_given) {
    if (name != "utf8" && name != "legacy")
      return reader.report_at("metric_name_validation_scheme",
                              fmt::format("unrecognized ValidationScheme: {}", rollcall::quoted(name)));
    validation = name == "legacy" ? name_validation::legacy : name_validation::utf8;
  }
  const auto standard =
      validation == name_validation::legacy ? escaping_scheme::underscores : escaping_scheme::allow_utf_8;
  name.clear();
  if (!reader.read("metric_name_escaping_scheme", name) || name.empty()) {
    // What is inherited belongs to the inherited validation scheme.
    if (validation_given) escaping = standard;
    return;
  }
  auto known = parse_escaping_scheme(name);
  if (!known)
    return reader.report_at("metric_name_escaping_scheme",
                            fmt::format("unknown name escaping method specified, must be one of 'allow-utf-8', "
                                        "'underscores', 'dots', or 'values', got {}",
                                        rollcall::quoted(name)));
  if (*known == escaping_scheme::allow_utf_8 && validation == name_validation::legacy)
    return reader.report_at("metric_name_escaping_scheme",
                            "utf8 metric names requested but validation scheme is not set to UTF8");
  escaping = *known;
}

void read_global_section(yaml_reader& reader, const load_options& options, global_config& out,
                         std::vector<std::string>& warnings) {
  const global_config standard;
  auto positive = [&](std::string_view key, milliseconds& value, milliseconds otherwise) {
    reader.read(key, value);
    if (value == milliseconds(0)) value = otherwise;
  };
  positive("scrape_interval", out.scrape_interval, standard.scrape_interval);
  out.scrape_timeout = milliseconds(0);
  reader.read("scrape_timeout", out.scrape_timeout);
  if (out.scrape_timeout > out.scrape_interval)
    reader.report_at("scrape_timeout", "global scrape timeout greater than scrape interval");
  if (out.scrape_timeout == milliseconds(0))
    out.scrape_timeout = std::min(standard.scrape_timeout, out.scrape_interval);
  positive("evaluation_interval", out.evaluation_interval, standard.evaluation_interval);
  reader.read("rule_query_offset", out.rule_query_offset);
  reader.read_path("query_log_file", out.query_log_file);
  read_histograms(reader, out.histograms);
  out.scrape_protocols_given = read_scrape_protocols(reader, "for global config", out.scrape_protocols);
  out.prefer_protobuf = options.prefer_protobuf;
  if (!out.scrape_protocols_given) out.scrape_protocols = default_scrape_protocols(out, out.histograms);
  reader.read_path("scrape_failure_log_file", out.scrape_failure_log_file);
  read_limits(reader, out.limits);
  read_naming(reader, out.metric_name_validation_scheme, out.metric_name_escaping_scheme);
  reader.read("extra_scrape_metrics", out.extra_scrape_metrics);
  read_external_labels(reader, options, out.metric_name_validation_scheme, out.external_labels, warnings);
}

void write_limits(yaml_writer& writer, const scrape_limits& limits) {
  if (limits.body_size_limit != 0) writer.field("body_size_limit", format_byte_size(limits.body_size_limit));
  writer.optional("sample_limit", limits.sample_limit);
  writer.optional("target_limit", limits.target_limit);
  writer.optional("label_limit", limits.label_limit);
  writer.optional("label_name_length_limit", limits.label_name_length_limit);
  writer.optional("label_value_length_limit", limits.label_value_length_limit);
  writer.optional("keep_dropped_targets", limits.keep_dropped_targets);
}

void write_naming(yaml_writer& writer, name_validation validation, escaping_scheme escaping) {
  writer.field("metric_name_validation_scheme", validation == name_validation::legacy ? "legacy" : "utf8");
  writer.field("metric_name_escaping_scheme", to_string(escaping));
}

void write_histograms(yaml_writer& writer, const histogram_config& histograms) {
  writer.field("scrape_native_histograms", histograms.scrape_native_histograms);
  writer.field("always_scrape_classic_histograms", histograms.always_scrape_classic_histograms);
  writer.field("convert_classic_histograms_to_nhcb", histograms.convert_classic_histograms_to_nhcb);
}

void write_scrape_protocols(yaml_writer& writer, const std::vector<scrape_protocol>& protocols) {
  writer.list("scrape_protocols", [&] {
    for (auto protocol : protocols) writer.item(to_string(protocol));
  });
}

void write_global_section(yaml_writer& writer, const global_config& global) {
  writer.map("global", [&] {
    writer.field("scrape_interval", global.scrape_interval);
    writer.field("scrape_timeout", global.scrape_timeout);
    if (global.scrape_protocols_given) write_scrape_protocols(writer, global.scrape_protocols);
    writer.field("evaluation_interval", global.evaluation_interval);
    writer.optional("rule_query_offset", global.rule_query_offset);
    writer.optional("query_log_file", global.query_log_file);
    if (!global.external_labels.empty())
      writer.map("external_labels", [&] {
        // What was expanded once must not be expanded again when the text is read back.
        for (auto [name, value] : global.external_labels) {
          std::string escaped;
          for (char c : value) escaped.append(c == '$' ? 2 : 1, c);
          writer.field(name, escaped);
        }
      });
    writer.optional("scrape_failure_log_file", global.scrape_failure_log_file);
    write_histograms(writer, global.histograms);
    write_limits(writer, global.limits);
    write_naming(writer, global.metric_name_validation_scheme, global.metric_name_escaping_scheme);
    writer.optional("extra_scrape_metrics", global.extra_scrape_metrics);
  });
}

}  // namespace rollcall
