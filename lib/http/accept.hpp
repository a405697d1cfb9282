#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rollcall::http {

/// The Accept header of a scrape that prefers these formats in this order. Formats go by their names in
/// scrape_protocols
/// ("OpenMetricsText1.0.0"), the escaping scheme by its name in the header ("allow-utf-8"). Every format must be one
/// of the five known ones.
std::string accept_header(const std::vector<std::string_view>& scrape_protocols, std::string_view escaping_scheme);

}  // namespace rollcall::http
