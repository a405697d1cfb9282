#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rollcall {

/// An address as `__address__` has it: `host:port`, a host with a colon or a zone in it (IPv6) in brackets.
std::string join_host_port(std::string_view host, int64_t port);

}  // namespace rollcall
