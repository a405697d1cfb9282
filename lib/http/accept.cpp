#include "lib/http/accept.hpp"

#include "lib/base/assert.hpp"

#include <algorithm>
#include <array>

namespace rollcall::http {

namespace {

struct known_format {
  std::string_view name;
  std::string_view media_type;
  bool escapes_names;
};

constexpr std::array<known_format, 5> known_formats{{
    {"PrometheusProto", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
     false},
    {"PrometheusText0.0.4", "text/plain;version=0.0.4", false},
    {"PrometheusText1.0.0", "text/plain;version=1.0.0", true},
    {"OpenMetricsText0.0.1", "application/openmetrics-text;version=0.0.1", false},
    {"OpenMetricsText1.0.0", "application/openmetrics-text;version=1.0.0", true},
}};

}  // namespace

std::string accept_header(const std::vector<std::string_view>& scrape_protocols, std::string_view escaping_scheme) {
  std::string header;
  // The first format weighs 0.6 however many follow, as Prometheus counts down from the number of formats it knows.
  auto weight = known_formats.size() + 1;
  for (auto protocol : scrape_protocols) {
    auto format = std::find_if(known_formats.begin(), known_formats.end(),
                               [&](const auto& known) { return known.name == protocol; });
    ROLLCALL_ASSERT(format != known_formats.end());
    ROLLCALL_ASSERT(weight > 1);
    header += format->media_type;
    if (format->escapes_names) header.append(";escaping=").append(escaping_scheme);
    header += ";q=0." + std::to_string(weight--) + ',';
  }
  return header + "*/*;q=0." + std::to_string(weight);
}

}  // namespace rollcall::http
