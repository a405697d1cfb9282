#pragma once

#include <cstdint>
#include <string>

namespace rollcall::placement {

/// A worker as placement knows it: small, and not used again after the worker has left.
using worker_number = uint32_t;

/// The owner of a target that nobody scrapes.
inline constexpr worker_number nobody = 0;

struct worker_description {
  std::string name;  ///< Unique in the cluster.
  std::string zone;  ///< May be empty, as the next.
  std::string node;
  double capacity = 1;  ///< In relation to the others; positive.

  bool operator==(const worker_description&) const = default;
};

}  // namespace rollcall::placement
