#include "config/config.hpp"

#include <array>

namespace rollcall {
namespace {

constexpr std::array<std::string_view, 5> protocol_names = {
    "PrometheusProto", "PrometheusText0.0.4", "PrometheusText1.0.0", "OpenMetricsText0.0.1", "OpenMetricsText1.0.0"};
constexpr std::array<std::string_view, 4> escaping_names = {"allow-utf-8", "underscores", "dots", "values"};

template <class Enum, size_t Count>
std::optional<Enum> find_name(const std::array<std::string_view, Count>& names, std::string_view name) {
  for (size_t i = 0; i < Count; ++i)
    if (names[i] == name) return static_cast<Enum>(i);
  return std::nullopt;
}

}  // namespace

std::string_view to_string(scrape_protocol protocol) { return protocol_names.at(static_cast<size_t>(protocol)); }

std::optional<scrape_protocol> parse_scrape_protocol(std::string_view name) {
  return find_name<scrape_protocol>(protocol_names, name);
}

std::string_view to_string(escaping_scheme scheme) { return escaping_names.at(static_cast<size_t>(scheme)); }

std::optional<escaping_scheme> parse_escaping_scheme(std::string_view name) {
  return find_name<escaping_scheme>(escaping_names, name);
}

}  // namespace rollcall
