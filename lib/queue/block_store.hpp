#pragma once

#include "lib/base/result.hpp"
#include "lib/queue/block.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace rollcall::queue {

/// A block that a store was asked for. Errors: not_found; syntax when it is damaged; io when it may be read later.
struct stored_block {
  uint64_t sequence = 0;
  result<block> content;
};

/// Out of the way, with the reason: its receiver's words, or what is wrong with its bytes.
struct set_aside_block {
  uint64_t sequence = 0;
  int64_t since = 0;   ///< Milliseconds since the Unix epoch.
  uint64_t bytes = 0;  ///< 0 when they could not be read.
  std::string reason;

  bool operator==(const set_aside_block&) const = default;
};

/// To be set aside.
struct set_aside_order {
  uint64_t sequence = 0;
  int64_t since = 0;
  std::string reason;

  bool operator==(const set_aside_order&) const = default;
};

/// Changes of one queue that are made together or not at all.
struct queue_changes {
  std::vector<block_ptr> appended = {};  ///< Never null.
  std::vector<uint64_t> erased = {};
  std::vector<set_aside_order> set_aside = {};  ///< Of blocks that were there before; others are ignored.
  std::vector<uint64_t> set_aside_erased = {};  ///< Of what had been set aside.

  bool empty() const { return appended.empty() && erased.empty() && set_aside.empty() && set_aside_erased.empty(); }
};

/// All that a queue holds, by numbers.
struct queue_contents {
  std::vector<block_summary> blocks;       ///< In order of sequence.
  std::vector<uint64_t> damaged;           ///< Sequences of blocks whose summary cannot be read.
  std::vector<set_aside_block> set_aside;  ///< In order of sequence.
  uint64_t last_appended = 0;              ///< The highest sequence that the queue was ever given.
  remote_write::item_counts lost;          ///< Of blocks that were there, and of which nothing else is left.
};

/// Named queues of blocks on disk, or in place of one. What is written survives the end of the process at once, and
/// that of the machine from the next sync() on. A queue exists from its first change on. Not to be used by two threads
/// at once. Errors of all: io; a failed call may be repeated, and may succeed when what was wrong has been healed.
class block_store {
 public:
  block_store() = default;
  block_store(const block_store&) = delete;
  block_store& operator=(const block_store&) = delete;
  virtual ~block_store() = default;

  virtual result<std::vector<std::string>> queues() = 0;
  virtual result<queue_contents> contents(const std::string& queue) = 0;
  virtual result<void> change(const std::string& queue, const queue_changes& changes) = 0;
  /// The highest sequence that the queue was ever given, as far as it knows; 0 for none.
  virtual result<uint64_t> last_appended(const std::string& queue) = 0;
  virtual stored_block read(const std::string& queue, uint64_t sequence) = 0;
  virtual stored_block read_set_aside(const std::string& queue, uint64_t sequence) = 0;
  /// Forgets the queue and all that is in it.
  virtual result<void> drop(const std::string& queue) = 0;
  virtual result<void> sync() = 0;
  /// Whether damage was found that may have cost it changes which had been made. Known when any call has succeeded.
  virtual bool has_lost_changes() const { return false; }
};

using block_store_ptr = std::shared_ptr<block_store>;

}  // namespace rollcall::queue
