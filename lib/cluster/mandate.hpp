#pragma once

#include "lib/base/duration.hpp"
#include "lib/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rollcall::cluster {

/// Numbers of tenancies and sessions begin with the epoch in which they were given, so that none is given twice.
inline constexpr int epoch_shift = 32;
inline constexpr uint64_t epoch_max = (uint64_t{1} << epoch_shift) - 1;

/// What gives a coordinator the right to assign, for as long as it is renewed.
struct mandate {
  uint64_t epoch = 0;     ///< Higher than that of any mandate before; up to epoch_max.
  std::string holder;     ///< The process that leads, by a name that no other ever has; empty when it has resigned.
  std::string address;    ///< Where workers reach it, HOST:PORT.
  milliseconds lease{0};  ///< How long it holds without being renewed.
  uint64_t renewals = 0;  ///< Differs from one renewal to the next.

  bool operator==(const mandate&) const = default;
};

/// What an arbiter keeps. It can be replaced only by who names its version, so that of two who try one fails.
struct register_content {
  std::string version;          ///< The arbiter's name for it; empty while there is nothing.
  std::optional<mandate> held;  ///< Nothing before the first one.

  bool operator==(const register_content&) const = default;
};

/// How an attempt to replace a register's content went.
struct write_outcome {
  bool is_written = false;  ///< False when it held something else than was expected.
  std::string version;      ///< Of what was written.

  bool operator==(const write_outcome&) const = default;
};

}  // namespace rollcall::cluster
