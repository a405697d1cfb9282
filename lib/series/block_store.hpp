#pragma once

#include "lib/series/series_block.hpp"

namespace rollcall::series {

/// Gives the process's one block that is equal to this one; it lives as long as somebody holds it. May be called by any
/// number of threads.
block_ptr intern(series_block block);

}  // namespace rollcall::series
