#pragma once

#include "config/config.hpp"
#include "messages/discovery.hpp"

#include <optional>
#include <span>
#include <string>

namespace rollcall {

enum class report_format : unsigned char { text, json };

std::optional<report_format> parse_report_format(const std::string& text);

/// What becomes of the targets of these groups in a job: their labels before and after relabeling and, for those that
/// are not scraped, which rule dropped them or what is wrong with them. JSON is an array with the members that promtool
/// gives, `discoveredLabels`, `labels` and `error`, and beside them `scrapeUrl` or `droppedBy`.
std::string report_discovery(const scrape_config& config, std::span<const group_change> groups, report_format format);

}  // namespace rollcall
