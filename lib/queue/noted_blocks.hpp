#pragma once

#include "lib/queue/journal_note.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::queue {

/// The blocks that a journal alone has, by numbers. Kept beside the journal, this says what was in its end should that
/// be lost. The format is described in journal.md.
class noted_blocks {
 public:
  /// So many of the newest are written for each queue: it is the end that gets lost.
  static constexpr size_t written_max = 1000;

  void take(const std::string& queue, const journal_note& note);
  std::string encode() const;
  /// What was encoded at the beginning of these bytes; nothing when that is damaged.
  static std::optional<noted_blocks> decode(std::string_view bytes);

  /// What is missing of a queue's blocks, when this is left of its notes and the store was last given this block. Of
  /// one whose predecessor is there it is what that did not have.
  remote_write::item_counts missing(const std::string& queue, const journal_contents& left,
                                    uint64_t last_appended) const;
  /// The names of all queues that have any.
  std::vector<std::string> queues() const;

 private:
  struct noted {
    remote_write::item_counts counts;
    uint64_t replaced_by = 0;
  };
  using blocks = std::map<uint64_t, noted>;  // by sequence

  static void forget_stored(blocks& known, uint64_t needed_from);

  std::map<std::string, blocks> queues_;
};

}  // namespace rollcall::queue
