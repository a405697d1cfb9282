#pragma once

#include "lib/queue/block_store.hpp"
#include "lib/queue/journal.hpp"

namespace rollcall::queue {

/// A store that is told what a journal has from earlier processes before it is used for anything else; until that has
/// succeeded every call fails. Neither may be null.
block_store_ptr make_journaled_store(block_store_ptr store, journal_ptr notes);

}  // namespace rollcall::queue
