#pragma once

#include "lib/queue/block_store.hpp"

#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// What a journal says of queues. The format of its records is described in journal.md.
namespace rollcall::queue {

/// A block that is finished because its samples are in a later one.
struct replaced_block {
  uint64_t sequence = 0;
  uint64_t by = 0;  ///< The other's sequence.
  remote_write::item_counts counts;
};

/// What has come up in a queue that its store has not been told yet.
struct journal_note {
  /// The queue is gone.
  static constexpr uint64_t nothing_needed = std::numeric_limits<uint64_t>::max();

  std::vector<block_ptr> added = {};          ///< Never null.
  std::vector<uint64_t> finished = {};        ///< Of blocks of any note, or of the store.
  std::vector<replaced_block> replaced = {};  ///< Of these; not in the record.
  /// Of all blocks before this one the store knows what there is to know, or has what there was before some was
  /// accepted.
  uint64_t needed_from = 0;
};

/// A record that says so of a queue.
std::string encode(const std::string& queue, const journal_note& note);

/// What notes come to, one after the other.
class journal_contents {
 public:
  void take(const std::string& queue, journal_note note);
  /// Takes every record of a file, up to its end or to one that is damaged or not whole. Gives the bytes they have.
  size_t read(std::string_view file);

  /// What notes say of a block.
  enum class state : unsigned char { unknown, waiting, stored, finished };
  state state_of(const std::string& queue, uint64_t sequence) const;
  /// What is to be done to each queue's store, which may have been done already.
  std::map<std::string, queue_changes> changes() const;
  /// Each queue's blocks that are not finished and that its store is said to have, by sequence.
  std::map<std::string, std::map<uint64_t, block_ptr>> stored() const;

 private:
  struct queue_notes {
    std::map<uint64_t, block_ptr> added;   // by sequence
    std::map<uint64_t, block_ptr> stored;  // likewise; the store is said to have these
    std::set<uint64_t> finished;
  };

  std::map<std::string, queue_notes> queues_;
};

}  // namespace rollcall::queue
