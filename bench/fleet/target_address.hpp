#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace rollcall::bench {

/// How many targets a network holds here.
inline constexpr size_t targets_max = 1'000'000;

/// The first byte of all targets' addresses, unless another network is named: this host's own.
inline constexpr uint8_t loopback_network = 127;

/// The address of target `index` (below targets_max), host byte order: 127.1.0.1, 127.1.0.2, ... with 250 per last
/// byte.
uint32_t target_address(size_t index, uint8_t network = loopback_network);

/// The target that lives at an address; nothing when no target can.
std::optional<size_t> target_at(uint32_t address, uint8_t network = loopback_network);

/// Dotted form.
std::string address_text(uint32_t address);

/// A file_sd document with the first `count` targets in one group, labelled fleet="bench".
std::string file_sd_document(size_t count, uint16_t port, uint8_t network = loopback_network);

}  // namespace rollcall::bench
