#pragma once

#include "lib/series/target_labels.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::series {

/// What a line of an exposition stands for.
enum class record_kind : uint8_t {
  live,       ///< A series that is delivered.
  dropped,    ///< Dropped by metric relabeling.
  duplicate,  ///< The same text as an earlier line of the scrape.
};

/// A run of consecutive series lines as some target exposes them, with the labels that delivery needs: the unit of the
/// series cache. A block does not know its target; it names target labels by slot, so that equal runs of a thousand
/// targets are one block in memory. Immutable, so blocks are shared between threads without a lock.
///
/// A series' labels are a list of pair ids in order of label name: an id below target_slot_base is an index into the
/// block's own table of encoded pairs, one above it is target_slot_base + slot.
///
/// All of it lies in one allocation: text hashes, records, pair offsets, pair ids, pairs, names of the slots.
class series_block {
 public:
  static constexpr uint16_t target_slot_base = 0xFF00;
  static constexpr size_t records_max = 512;
  /// The longest series text that a record can stand for.
  static constexpr size_t text_bytes_max = (size_t{1} << 24) - 1;

  size_t size() const { return record_count_; }
  record_kind kind(size_t i) const { return static_cast<record_kind>(records()[i].kind); }
  /// Hash of the line's series text (all before the value), under the process's seed; see series_text_hash().
  uint64_t text_hash(size_t i) const { return hashes()[i]; }
  uint32_t text_bytes(size_t i) const { return records()[i].text_bytes; }
  /// Eight bits that say whether two neighbours have the same metric name in their text, nearly always.
  uint8_t name_tag(size_t i) const { return records()[i].name_tag; }
  /// Empty unless the record is live.
  std::span<const uint16_t> pair_ids(size_t i) const {
    uint32_t first = records()[i].first_id;
    uint32_t last = i + 1 < record_count_ ? records()[i + 1].first_id : id_count_;
    return {ids() + first, last - first};
  }
  /// How many pairs the block's own table has.
  size_t pair_count() const { return pair_count_; }
  /// A pair of the block's own table, as encode_pair() wrote it.
  std::string_view pair(uint16_t id) const {
    const uint32_t* offsets = pair_offsets();
    return {pair_bytes() + offsets[id], offsets[id + 1u] - offsets[id]};
  }
  /// The bytes of the pair that an id names, in the block or in the target.
  std::string_view resolve(uint16_t id, const target_labels& target) const {
    return id < target_slot_base ? pair(id) : target.encoded(id - target_slot_base);
  }
  /// All labels of a live series.
  labels labels_of(size_t i, const target_labels& target) const;
  /// How many records are live.
  size_t live() const { return live_; }
  size_t heap_bytes() const { return bytes_; }

  bool operator==(const series_block&) const;
  /// A hash of everything that operator== compares.
  uint64_t content_hash() const;

 private:
  friend class block_builder;
  struct record {
    uint32_t text_bytes : 24;
    uint32_t name_tag : 8;
    uint32_t first_id : 30;
    uint32_t kind : 2;
  };
  static_assert(sizeof(record) == sizeof(uint64_t));

  template <class Element>
  const Element* array_at(size_t offset) const {
    return reinterpret_cast<const Element*>(storage_.get() + offset);
  }
  size_t pair_offsets_at() const { return record_count_ * (sizeof(uint64_t) + sizeof(record)); }
  size_t ids_at() const { return pair_offsets_at() + (pair_count_ + 1u) * sizeof(uint32_t); }
  size_t pair_bytes_at() const { return ids_at() + id_count_ * sizeof(uint16_t); }
  const uint64_t* hashes() const { return array_at<uint64_t>(0); }
  const record* records() const { return array_at<record>(record_count_ * sizeof(uint64_t)); }
  const uint32_t* pair_offsets() const { return array_at<uint32_t>(pair_offsets_at()); }
  const uint16_t* ids() const { return array_at<uint16_t>(ids_at()); }
  const char* pair_bytes() const { return array_at<char>(pair_bytes_at()); }

  std::unique_ptr<std::byte[]> storage_;
  size_t bytes_ = 0;
  uint32_t id_count_ = 0;
  uint16_t record_count_ = 0;
  uint16_t pair_count_ = 0;
  uint16_t live_ = 0;
};

using block_ptr = std::shared_ptr<const series_block>;
/// The series of one scrape, in the order of their lines.
using block_sequence = std::vector<block_ptr>;
using block_sequence_ptr = std::shared_ptr<const block_sequence>;

/// XXH3 of a series text under a seed drawn once per process, so that nobody can prepare two texts that collide.
uint64_t series_text_hash(std::string_view text);

}  // namespace rollcall::series
