#pragma once

#include "actors/discovery/kubernetes_sd/object.hpp"

#include <cstdint>

namespace rollcall::kubernetes {

/// A hash of what an object says, whatever its version; never 0. Equal objects have equal digests, and that two others
/// share one is as good as impossible: it stands for the object where only change matters.
uint64_t digest_of(const object& of);

}  // namespace rollcall::kubernetes
