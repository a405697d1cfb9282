#pragma once

#include "lib/base/result.hpp"
#include "messages/fleet.hpp"

#include <string>
#include <string_view>

namespace rollcall {

/// A report as bytes, without those that were not heard. What targets have in common stands there once.
std::string encode_report(const fleet_report& report);
/// Adds what an encoded report says to another one. Errors: errc::syntax; then nothing is added.
result<void> add_encoded(fleet_report& to, std::string_view bytes);

}  // namespace rollcall
