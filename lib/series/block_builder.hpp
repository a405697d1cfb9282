#pragma once

#include "lib/series/series_block.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::series {

/// A record that is in no block yet, with the pairs of its labels in order of name.
struct series_record {
  /// One pair: of the target, or the next bytes of `literals`.
  struct pair_source {
    int slot;        ///< -1 for a literal.
    uint32_t bytes;  ///< Length of a literal.
  };

  uint64_t text_hash = 0;
  uint32_t text_bytes = 0;
  uint8_t name_tag = 0;
  record_kind kind = record_kind::live;
  std::vector<pair_source> pairs;
  std::string literals;

  /// Clears the pairs.
  void reset(record_kind new_kind) {
    kind = new_kind;
    pairs.clear();
    literals.clear();
  }
  /// Adds a label, as a slot when it is the target's own. Labels must be added in order of name.
  void add_label(std::string_view name, std::string_view value, const target_labels& target);
};

/// How many labels a series may have: a block must have room for its pairs.
inline constexpr size_t labels_per_series_max = series_block::target_slot_base;

/// Assembles one block, in which equal pairs are stored once.
class block_builder {
 public:
  void add(const series_record& record);
  /// Adds a record of another block of the same target.
  void add(const series_block& from, size_t i);
  /// The finished block; the builder is then empty again. `slot_names` are those of the target.
  series_block take(const std::string& slot_names);

 private:
  uint16_t id_of(std::string_view pair);
  void grow_table();
  void start_record(uint64_t text_hash, uint32_t text_bytes, uint8_t name_tag, record_kind kind);
  std::string_view pair(size_t id) const {
    return std::string_view(pair_bytes_).substr(pair_offsets_[id], pair_offsets_[id + 1] - pair_offsets_[id]);
  }

  std::vector<uint64_t> hashes_;
  std::vector<series_block::record> records_;
  std::vector<uint16_t> ids_;
  std::vector<uint32_t> pair_offsets_{0};
  std::string pair_bytes_;
  std::vector<uint32_t> table_;  // open addressing: 1 + pair id, 0 for a free place
  size_t live_ = 0;
  bool has_slots_ = false;
};

}  // namespace rollcall::series
