#include "lib/targets/host_port.hpp"

#include <fmt/format.h>

namespace rollcall {

std::string join_host_port(std::string_view host, int64_t port) {
  if (host.find_first_of(":%") == std::string_view::npos) return fmt::format("{}:{}", host, port);
  return fmt::format("[{}]:{}", host, port);
}

}  // namespace rollcall
