#pragma once

#include "lib/series/block_builder.hpp"
#include "lib/series/series_block.hpp"

#include <vector>

namespace rollcall::series {

/// Cuts the records of a scrape into blocks. Where a block ends depends on the records around that place alone, never
/// on how far away the begin is, as far as records_max allows; so a line more or less changes the block it stands in,
/// and equal runs of two targets end up in equal blocks. Blocks of the scrape before that come out the same are used
/// again; others are interned.
class sequence_builder {
 public:
  /// `target` is the one whose slots all records name; it must outlive the builder.
  explicit sequence_builder(const target_labels& target) : target_(&target) {}

  /// Takes a whole block. What follows must be a record that begins a new block.
  void add_block(block_ptr block);
  /// Takes a record of a block of the scrape before.
  void add(const block_ptr& from, size_t i);
  void add(series_record record);
  /// The sequence of all that was added; the builder is then empty.
  block_sequence_ptr finish();

  /// Whether a record begins a new block, whatever came before it in the block of its neighbour.
  static bool begins_block(uint64_t text_hash, uint8_t name_tag, uint8_t neighbour_name_tag) {
    bool is_other_name = name_tag != neighbour_name_tag;
    return (is_other_name && name_tag % families_per_block == 0) || text_hash % records_per_block == 0;
  }

 private:
  // Mean block size, in metric names and, within long families, in records.
  static constexpr uint8_t families_per_block = 8;
  static constexpr uint64_t records_per_block = 256;

  struct pending {
    const block_ptr* from;  // null for a fresh record
    size_t index;           // in *from or in fresh_
  };

  void make_room(uint64_t text_hash, uint8_t name_tag, size_t pairs, size_t bytes);
  void flush();
  bool is_whole_block() const;

  const target_labels* target_;
  block_sequence done_;
  std::vector<pending> pending_;
  std::vector<series_record> fresh_;
  size_t pending_pairs_ = 0;
  size_t pending_bytes_ = 0;
  uint8_t last_name_tag_ = 0;
  block_builder builder_;
};

}  // namespace rollcall::series
