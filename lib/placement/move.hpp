#pragma once

#include "lib/placement/worker.hpp"

#include <cstdint>

namespace rollcall::placement {

enum class move_reason : unsigned char {
  new_target,
  owner_left,   ///< Its owner is gone, so nobody hands it over.
  drained,      ///< Its owner is to be emptied.
  affinity,     ///< It can now be where it wants to be.
  overloaded,   ///< Its owner has too much.
  underloaded,  ///< Its new owner has too little: it has just joined, as a rule.
};

/// A target that gets another owner; from nobody when there was none.
struct move {
  uint64_t target = 0;
  worker_number from = nobody;
  worker_number to = nobody;
  move_reason why = move_reason::new_target;

  bool operator==(const move&) const = default;
};

}  // namespace rollcall::placement
