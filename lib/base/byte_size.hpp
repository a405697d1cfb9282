#pragma once

#include "lib/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace rollcall {

/// Parses a size with a base-2 unit as Prometheus writes it: "15MB", "1.5GiB", "100B", "0". Units B KB MB GB TB PB EB
/// and KiB ... EiB, both of base 1024; a number without a unit must be 0. Errors: errc::syntax.
result<uint64_t> parse_byte_size(std::string_view text);

/// The size in the largest unit that divides it: 16777216 -> "16MiB", 10 -> "10B".
std::string format_byte_size(uint64_t bytes);

}  // namespace rollcall
