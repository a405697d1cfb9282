#pragma once

#include <string>
#include <string_view>

namespace rollcall {

/// Which metric and label names are allowed: Prometheus's metric_name_validation_scheme.
enum class name_validation : unsigned char {
  utf8,    ///< Any non-empty valid UTF-8.
  legacy,  ///< [a-zA-Z_][a-zA-Z0-9_]*, and ':' in metric names.
};

bool is_valid_label_name(std::string_view name, name_validation scheme);
bool is_valid_metric_name(std::string_view name, name_validation scheme);

/// Replaces every character outside [a-zA-Z0-9_] by '_', one for one per Unicode code point.
std::string sanitize_label_name(std::string_view name);

// Names that Prometheus gives a meaning.
inline constexpr std::string_view metric_name_label = "__name__";
inline constexpr std::string_view address_label = "__address__";
inline constexpr std::string_view scheme_label = "__scheme__";
inline constexpr std::string_view metrics_path_label = "__metrics_path__";
inline constexpr std::string_view scrape_interval_label = "__scrape_interval__";
inline constexpr std::string_view scrape_timeout_label = "__scrape_timeout__";
inline constexpr std::string_view param_label_prefix = "__param_";
inline constexpr std::string_view meta_label_prefix = "__meta_";
inline constexpr std::string_view reserved_label_prefix = "__";
inline constexpr std::string_view exported_label_prefix = "exported_";
inline constexpr std::string_view job_label = "job";
inline constexpr std::string_view instance_label = "instance";

}  // namespace rollcall
