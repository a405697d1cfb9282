#pragma once

#include <cstdint>
#include <string>

namespace rollcall {

/// What `rollcall queue` is asked to do with a directory that no daemon uses.
struct queue_order {
  enum class work : unsigned char { list, release, discard };

  queue_order::work what = queue_order::work::list;
  std::string endpoint;   ///< For release and discard.
  uint64_t sequence = 0;  ///< Likewise.
};

/// Does it, and says what it found on standard output and error. Returns 0, or 1 when it could not be done; a running
/// daemon is asked by its API instead.
int run_queue_command(const std::string& storage_path, const queue_order& order);

}  // namespace rollcall
