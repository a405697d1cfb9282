#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall {

/// The parts of a target's URL, none of them escaped.
struct scrape_url_parts {
  std::string_view scheme;
  std::string_view host;  ///< With port; an IPv6 address in brackets.
  std::string_view path;
  std::map<std::string_view, std::vector<std::string_view>> params;
};

/// Puts a URL together as Go's url.URL does: `scheme://host/path?a=1&b=2`, parameters in order of name, every part
/// escaped by its own rules. A `?` in the path is escaped, so it never begins a query.
std::string scrape_url(const scrape_url_parts& parts);

}  // namespace rollcall
