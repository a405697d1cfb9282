#include "app/discovery_report.hpp"

#include "actors/scrape/pool_settings.hpp"
#include "lib/relabel/rule_text.hpp"
#include "lib/web/json_writer.hpp"

#include <fmt/format.h>

namespace rollcall {

namespace {

target_set targets_of(const scrape_config& config, std::span<const group_change> groups) {
  auto options = target_options_of(config);
  options.keep_dropped_targets = 0;
  std::vector<source_change> changes;
  for (const auto& change : groups) changes.push_back({change.provider, change.group});
  target_set targets(std::move(options));
  targets.apply(changes);
  return targets;
}

std::string reason_of(const dropped_target& dropped, const scrape_config& config) {
  switch (dropped.why) {
    case dropped_target::reason::rule:
      return fmt::format("relabel_configs[{}]: {}", dropped.rule, describe(config.relabel_configs.at(dropped.rule)));
    case dropped_target::reason::duplicate:
      return "equal to another target of this job";
    case dropped_target::reason::failed:
      return dropped.message;
  }
  return {};
}

std::string text_report(const target_set& targets, const scrape_config& config) {
  auto counts = targets.counts();
  auto out = fmt::format("Job {}: {} targets to scrape, {} dropped by a rule, {} duplicates, {} unfit\n",
                         config.job_name, counts.active, counts.dropped_by_rule, counts.duplicates, counts.failed);
  targets.visit_active([&](const target_ptr& target, const labels& discovered) {
    out += fmt::format("\nscraped: {}\n  discovered: {}\n  labels: {}\n", target->url, discovered.to_string(),
                       target->visible.to_string());
  });
  targets.visit_dropped([&](const dropped_target& dropped) {
    out += fmt::format("\ndropped: {}\n  discovered: {}\n", reason_of(dropped, config), dropped.discovered.to_string());
  });
  return out;
}

void write_rule(web::json_writer& json, size_t index, const relabel::rule_config& rule) {
  json.key("droppedBy").begin_object();
  json.member_unsigned("rule", index);
  json.member("action", relabel::to_string(rule.action));
  json.key("sourceLabels").begin_array();
  for (const auto& name : rule.source_labels) json.string(name);
  json.end_array();
  json.member("regex", rule.regex);
  json.end_object();
}

std::string json_report(const target_set& targets, const scrape_config& config) {
  std::string out;
  web::json_writer json(out);
  json.begin_array();
  targets.visit_active([&](const target_ptr& target, const labels& discovered) {
    json.begin_object();
    json.key("discoveredLabels").object_of(discovered);
    json.key("labels").object_of(target->all);
    json.member("scrapeUrl", target->url);
    json.end_object();
  });
  targets.visit_dropped([&](const dropped_target& dropped) {
    json.begin_object();
    json.key("discoveredLabels").object_of(dropped.discovered);
    json.key("labels").begin_object().end_object();
    if (dropped.why == dropped_target::reason::rule) {
      write_rule(json, dropped.rule, config.relabel_configs.at(dropped.rule));
    } else {
      json.member("error", reason_of(dropped, config));
    }
    json.end_object();
  });
  json.end_array();
  return out + '\n';
}

}  // namespace

std::optional<report_format> parse_report_format(const std::string& text) {
  if (text == "text") return report_format::text;
  if (text == "json") return report_format::json;
  return std::nullopt;
}

std::string report_discovery(const scrape_config& config, std::span<const group_change> groups, report_format format) {
  auto targets = targets_of(config, groups);
  return format == report_format::json ? json_report(targets, config) : text_report(targets, config);
}

}  // namespace rollcall
