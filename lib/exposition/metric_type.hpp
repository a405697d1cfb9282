#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace rollcall::exposition {

enum class metric_type : uint8_t { unknown, counter, gauge, histogram, gauge_histogram, summary, info, stateset };

/// The type as OpenMetrics and Prometheus's API spell it: "unknown", "gaugehistogram", "stateset".
std::string_view to_string(metric_type type);
/// The type of that spelling, if there is one.
std::optional<metric_type> metric_type_of(std::string_view name);

/// The type as the text format spells it: "untyped", also for what that format does not know.
std::string_view text_name(metric_type type);
/// The type of that spelling, if the text format has it.
std::optional<metric_type> metric_type_of_text_name(std::string_view name);

}  // namespace rollcall::exposition
