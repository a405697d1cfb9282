#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace rollcall {

/// Blocks until a TCP connection to the address stands or the time is over; closes it at once. Returns why it does not
/// stand, or nothing.
std::string tcp_probe(const std::string& host, uint16_t port, std::chrono::milliseconds timeout);

}  // namespace rollcall
