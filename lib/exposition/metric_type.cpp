#include "lib/exposition/metric_type.hpp"

#include <array>

namespace rollcall::exposition {

namespace {

constexpr std::string_view unknown_in_text = "untyped";

// In the order of the enumerators.
constexpr std::array<std::string_view, 8> names = {"unknown",        "counter", "gauge", "histogram",
                                                   "gaugehistogram", "summary", "info",  "stateset"};

}  // namespace

std::string_view to_string(metric_type type) { return names[static_cast<size_t>(type)]; }

std::optional<metric_type> metric_type_of(std::string_view name) {
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<metric_type>(i);
  }
  return std::nullopt;
}

std::string_view text_name(metric_type type) {
  switch (type) {
    case metric_type::counter:
    case metric_type::gauge:
    case metric_type::histogram:
    case metric_type::summary:
      return to_string(type);
    case metric_type::unknown:
    case metric_type::gauge_histogram:
    case metric_type::info:
    case metric_type::stateset:
      break;
  }
  return unknown_in_text;
}

std::optional<metric_type> metric_type_of_text_name(std::string_view name) {
  if (name == unknown_in_text) return metric_type::unknown;
  auto type = metric_type_of(name);
  return type && text_name(*type) == name ? type : std::nullopt;
}

}  // namespace rollcall::exposition
