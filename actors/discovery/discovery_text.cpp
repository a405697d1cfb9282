#include "actors/discovery/discovery_text.hpp"

namespace rollcall {

std::string join_host_port(std::string_view host, std::string_view port) {
  std::string joined;
  bool brackets = host.find_first_of(":%") != std::string_view::npos;
  if (brackets) joined += '[';
  joined += host;
  if (brackets) joined += ']';
  joined += ':';
  joined += port;
  return joined;
}

std::string surround_with_separator(const std::vector<std::string>& items, std::string_view separator) {
  std::string joined(separator);
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) joined += separator;
    joined += items[i];
  }
  return joined += separator;
}

}  // namespace rollcall
