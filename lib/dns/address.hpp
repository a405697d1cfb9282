#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

namespace rollcall::dns {

/// `10.0.0.1`.
std::string format_address(std::span<const uint8_t, 4> address);

/// As RFC 5952 has it: `2001:db8::1`. An IPv4-mapped address is written as the IPv4 address, as Prometheus does.
std::string format_address(std::span<const uint8_t, 16> address);

}  // namespace rollcall::dns
