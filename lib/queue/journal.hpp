#pragma once

#include "lib/base/file_descriptor.hpp"
#include "lib/base/result.hpp"
#include "lib/queue/noted_blocks.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace rollcall::queue {

struct journal_options {
  std::string directory;                     ///< Made when it does not exist. Nobody else puts anything there.
  uint64_t segment_bytes = 4 * 1024 * 1024;  ///< A file is followed by another when it has as many.
  uint64_t bytes_max = 512 * 1024 * 1024;    ///< Of all files: beyond it nothing is noted.
};

/// Notes of what stores have not been told yet, in files that are only appended to, and removed when nothing in them is
/// needed any more. A note survives the end of the process from when append() returns; that of the machine it need not.
/// Errors of all: io. For any thread.
class journal {
 public:
  explicit journal(journal_options options) : options_(std::move(options)) {}

  /// Tells a store what earlier processes noted, and forgets it when the store has it. A store that has lost changes,
  /// or the last of them, is told what else it should have. To be called before append(); after a failure, again.
  result<void> recover(block_store& into);
  /// Also limit_exceeded. What was not noted is as safe as if there were no journal.
  result<void> append(const std::string& queue, const journal_note& note);
  /// What recover() found to have been noted of a queue, and to be nowhere now; nothing when asked again.
  remote_write::item_counts take_lost(const std::string& queue);

 private:
  struct segment {
    std::string path;
    uint64_t bytes = 0;
    std::map<std::string, uint64_t> newest;  // by queue, the last block in it
  };

  result<void> begin_segment();
  result<void> count_lost(block_store& store, const journal_contents& contents, std::string_view list);
  void write_list();
  std::string list_path() const;
  bool is_needed(const segment& which) const;
  void remove_unneeded();

  const journal_options options_;
  std::mutex mutex_;              // Guards what follows.
  std::deque<segment> segments_;  // the last is written to
  file_descriptor open_;          // none after a failure
  uint64_t bytes_ = 0;
  uint64_t last_number_ = 0;
  std::map<std::string, uint64_t> needed_from_;
  noted_blocks noted_;
  file_descriptor list_;  // of noted_; none until it is written
  std::map<std::string, remote_write::item_counts> lost_;
};

using journal_ptr = std::shared_ptr<journal>;

}  // namespace rollcall::queue
