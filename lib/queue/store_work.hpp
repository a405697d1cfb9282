#pragma once

#include "lib/queue/block_store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rollcall::queue {

/// What a queue wants of its store, all at once. May be done again without harm when nobody knows whether it was.
struct store_work {
  uint64_t tag = 0;  ///< Names it among all of a queue's life.
  enum class kind : unsigned char { open, change } what = kind::change;
  queue_changes changes;
  std::vector<uint64_t> wanted = {};            ///< Blocks to be read.
  std::vector<uint64_t> wanted_set_aside = {};  ///< Likewise, of those that were set aside.
};

/// What became of it.
struct store_answer {
  uint64_t tag = 0;
  std::optional<error> failure;  ///< Nothing was changed, or the queue could not be opened.
  queue_contents contents;       ///< Of a queue that was opened.
  std::vector<stored_block> read;
  std::vector<stored_block> read_set_aside;
};

/// Does the work. What is to be read is read even when what is to be written cannot be.
store_answer perform(block_store& store, const std::string& queue, const store_work& work);

}  // namespace rollcall::queue
