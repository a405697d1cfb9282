#include "lib/series/block_builder.hpp"

#include "lib/base/assert.hpp"
#include "lib/series/text_hash.hpp"

#include <cstring>

namespace rollcall::series {

void series_record::add_label(std::string_view name, std::string_view value, const target_labels& target) {
  int slot = target.slot_of(name);
  bool is_slot = slot >= 0 && slot <= 0xFFFF - series_block::target_slot_base &&
                 target.at(static_cast<size_t>(slot)).value == value;
  if (is_slot) {
    pairs.push_back({slot, 0});
    return;
  }
  size_t before = literals.size();
  encode_pair(literals, name, value);
  pairs.push_back({-1, static_cast<uint32_t>(literals.size() - before)});
}

void block_builder::start_record(uint64_t text_hash, uint32_t text_bytes, uint8_t name_tag, record_kind kind) {
  ROLLCALL_ASSERT(hashes_.size() < series_block::records_max);
  ROLLCALL_ASSERT(text_bytes <= series_block::text_bytes_max);
  hashes_.push_back(text_hash);
  series_block::record record{};
  record.text_bytes = text_bytes & 0xFFFFFFu;
  record.name_tag = name_tag;
  record.first_id = static_cast<uint32_t>(ids_.size()) & 0x3FFFFFFFu;
  record.kind = static_cast<uint32_t>(kind) & 3u;
  records_.push_back(record);
  if (kind == record_kind::live) ++live_;
}

void block_builder::add(const series_record& record) {
  start_record(record.text_hash, record.text_bytes, record.name_tag, record.kind);
  std::string_view rest = record.literals;
  for (auto [slot, bytes] : record.pairs) {
    if (slot >= 0) {
      ids_.push_back(static_cast<uint16_t>(series_block::target_slot_base + slot));
      has_slots_ = true;
    } else {
      ids_.push_back(id_of(rest.substr(0, bytes)));
      rest.remove_prefix(bytes);
    }
  }
}

void block_builder::add(const series_block& from, size_t i) {
  start_record(from.text_hash(i), from.text_bytes(i), from.name_tag(i), from.kind(i));
  for (uint16_t id : from.pair_ids(i)) {
    bool is_slot = id >= series_block::target_slot_base;
    ids_.push_back(is_slot ? id : id_of(from.pair(id)));
    has_slots_ |= is_slot;
  }
}

uint16_t block_builder::id_of(std::string_view pair_text) {
  size_t count = pair_offsets_.size() - 1;
  if (2 * (count + 1) > table_.size()) grow_table();
  size_t mask = table_.size() - 1;
  size_t place = hash_text(pair_text, process_hash_secret()) & mask;
  for (; table_[place] != 0; place = (place + 1) & mask) {
    size_t id = table_[place] - 1;
    if (pair(id) == pair_text) return static_cast<uint16_t>(id);
  }
  ROLLCALL_ASSERT(count < series_block::target_slot_base);
  pair_bytes_ += pair_text;
  pair_offsets_.push_back(static_cast<uint32_t>(pair_bytes_.size()));
  table_[place] = static_cast<uint32_t>(count + 1);
  return static_cast<uint16_t>(count);
}

void block_builder::grow_table() {
  table_.assign(std::max<size_t>(128, 2 * table_.size()), 0);
  size_t mask = table_.size() - 1;
  for (size_t id = 0; id + 1 < pair_offsets_.size(); ++id) {
    size_t place = hash_text(pair(id), process_hash_secret()) & mask;
    while (table_[place] != 0) place = (place + 1) & mask;
    table_[place] = static_cast<uint32_t>(id + 1);
  }
}

series_block block_builder::take(const std::string& slot_names) {
  series_block block;
  block.record_count_ = static_cast<uint16_t>(hashes_.size());
  block.pair_count_ = static_cast<uint16_t>(pair_offsets_.size() - 1);
  block.id_count_ = static_cast<uint32_t>(ids_.size());
  block.live_ = static_cast<uint16_t>(live_);
  std::string_view names = has_slots_ ? std::string_view(slot_names) : std::string_view();
  block.bytes_ = block.pair_bytes_at() + pair_bytes_.size() + names.size();
  block.storage_ = std::make_unique_for_overwrite<std::byte[]>(block.bytes_);
  std::byte* to = block.storage_.get();
  auto append = [&to](const void* from, size_t bytes) {
    if (bytes > 0) std::memcpy(to, from, bytes);
    to += bytes;
  };
  append(hashes_.data(), hashes_.size() * sizeof(uint64_t));
  append(records_.data(), records_.size() * sizeof(series_block::record));
  append(pair_offsets_.data(), pair_offsets_.size() * sizeof(uint32_t));
  append(ids_.data(), ids_.size() * sizeof(uint16_t));
  append(pair_bytes_.data(), pair_bytes_.size());
  append(names.data(), names.size());
  hashes_.clear();
  records_.clear();
  ids_.clear();
  pair_offsets_.resize(1);
  pair_bytes_.clear();
  table_.clear();
  live_ = 0;
  has_slots_ = false;
  return block;
}

}  // namespace rollcall::series
