#pragma once

#include "lib/base/duration.hpp"

#include <algorithm>
#include <optional>

namespace rollcall {

/// The earlier of two times of one clock, where nothing means never.
inline std::optional<milliseconds> earlier(std::optional<milliseconds> one, std::optional<milliseconds> other) {
  if (!one) return other;
  return other ? std::min(*one, *other) : one;
}

}  // namespace rollcall
