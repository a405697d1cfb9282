#pragma once

#include "lib/base/result.hpp"
#include "lib/queue/block_store.hpp"

#include <cstdint>
#include <string>

/// What was set aside, handled without the daemon that set it aside. Errors: not_found; syntax when the block is
/// damaged; io.
namespace rollcall::queue {

/// Has the block sent again, as the newest of its queue.
result<void> release_set_aside(block_store& store, const std::string& queue, uint64_t sequence);
/// Forgets the block.
result<void> discard_set_aside(block_store& store, const std::string& queue, uint64_t sequence);

}  // namespace rollcall::queue
