#pragma once

#include "lib/base/shared_objects.hpp"

#include <cstdint>
#include <functional>
#include <memory>

namespace rollcall {

class telemetry;

/// What every actor gets of the process around it. Shared and thread-safe.
struct environment {
  std::function<int64_t()> wall_clock;  ///< Milliseconds since the Unix epoch; follows the actor clock in tests.
  std::function<double()> random_unit;  ///< In [0, 1); for jitter.
  std::shared_ptr<telemetry> metrics;
  std::shared_ptr<shared_objects> shared = std::make_shared<shared_objects>();
};

using environment_ptr = std::shared_ptr<const environment>;

}  // namespace rollcall
