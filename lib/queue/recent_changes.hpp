#pragma once

#include "lib/queue/block_store.hpp"

#include <cstdint>
#include <map>
#include <optional>

namespace rollcall::queue {

/// What the last changes of one queue came to, which later changes are to say again: a log that loses a record to
/// damage would lose what only that record says without a trace. Damage takes whole blocks of the log and every record
/// that is in them in part, so each change is repeated until a record is written that begins in another block than it
/// ends.
class recent_changes {
 public:
  /// What became of a block: its summary when it was appended, nothing when it was erased.
  struct fate {
    std::optional<block_summary> appended;
    uint64_t bytes_since = 0;  ///< That the log got behind the record.
  };
  using fates = std::map<uint64_t, fate>;

  explicit recent_changes(uint64_t log_block_bytes) : log_block_bytes_(log_block_bytes) {}

  /// What the next record is to say first. By sequence.
  const fates& to_repeat() const { return fates_; }
  /// A record of so many bytes says this, and what was to be repeated.
  void wrote(const queue_changes& changes, uint64_t record_bytes);

 private:
  const uint64_t log_block_bytes_;
  fates fates_;
};

}  // namespace rollcall::queue
