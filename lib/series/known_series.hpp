#pragma once

#include "lib/series/metadata.hpp"
#include "lib/series/series_block.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace rollcall::series {

/// The number of a record in a sequence of blocks.
using position = uint32_t;
inline constexpr position no_position = std::numeric_limits<position>::max();

/// What is particular about one series of a target; few series have any.
struct series_note {
  position at;
  /// False for a series whose samples were all refused so far: it counts as added once one is taken.
  bool is_known = true;
  /// The newest timestamp that the target itself gave and that was taken.
  int64_t last_timestamp = std::numeric_limits<int64_t>::min();
};

/// The last exemplar of a series that was taken.
struct exemplar_note {
  position at = 0;
  uint64_t hash = 0;      ///< Of what it says.
  uint64_t set_hash = 0;  ///< Of all exemplars of the sample that it came with.
  int64_t timestamp = std::numeric_limits<int64_t>::min();
};

/// Which series get a staleness marker when they vanish.
class tracking {
 public:
  static tracking all() { return {}; }
  static tracking none() {
    tracking made;
    made.default_ = false;
    return made;
  }
  /// The first `count` series but for `exceptions`, and none after them.
  static tracking first(size_t count, const std::vector<position>& exceptions);

  bool contains(position at) const { return at < listed_.size() ? listed_[at] : default_; }
  bool is_all() const { return default_ && listed_.empty(); }
  size_t heap_bytes() const { return listed_.capacity() / 8; }

  bool operator==(const tracking&) const = default;

 private:
  bool default_ = true;
  std::vector<bool> listed_;
};

/// What a target's cache remembers from scrape to scrape.
struct known_series {
  block_sequence_ptr sequence;      ///< Null before the first scrape.
  size_t size = 0;                  ///< How many records the sequence has.
  size_t last_successful_size = 0;  ///< How many it had after the last successful scrape.
  tracking tracked = tracking::none();
  std::vector<series_note> notes;                           ///< In order of position.
  std::vector<exemplar_note> exemplars;                     ///< In order of position.
  metadata_ptr metadata;                                    ///< Null before the first scrape.
  uint64_t metadata_digest = 0;                             ///< Changes when the metadata do.
  int64_t last_time = std::numeric_limits<int64_t>::min();  ///< Of the last scrape that delivered samples.

  /// The first note at or behind a position.
  std::vector<series_note>::const_iterator note_from(position at) const {
    return std::lower_bound(notes.begin(), notes.end(), at,
                            [](const series_note& note, position wanted) { return note.at < wanted; });
  }
  /// The note at a position, or null.
  const series_note* note_at(position at) const {
    if (notes.empty()) return nullptr;
    auto found = note_from(at);
    return found != notes.end() && found->at == at ? &*found : nullptr;
  }
  /// The last exemplar of the series at a position, or null.
  const exemplar_note* exemplar_at(position at) const {
    auto found = std::lower_bound(exemplars.begin(), exemplars.end(), at,
                                  [](const exemplar_note& note, position wanted) { return note.at < wanted; });
    return found != exemplars.end() && found->at == at ? &*found : nullptr;
  }
};

/// A place in a sequence of blocks, both as block and index and as position.
struct cursor {
  size_t block = 0;
  size_t index = 0;
  position at = 0;
};

/// Finds blocks by position.
class block_map {
 public:
  explicit block_map(const block_sequence& blocks);
  size_t size() const { return begins_.back(); }
  /// The end of the sequence for a position that lies behind it.
  cursor find(position at) const;
  position begin_of(size_t block) const { return begins_[block]; }

 private:
  std::vector<position> begins_;
};

}  // namespace rollcall::series
