#include "lib/series/sequence_builder.hpp"

#include "lib/series/block_store.hpp"

namespace rollcall::series {

namespace {

// A block ends early rather than outgrow its offsets.
constexpr size_t block_bytes_max = size_t{64} << 20;

}  // namespace

void sequence_builder::add_block(block_ptr block) {
  flush();
  done_.push_back(std::move(block));
}

void sequence_builder::make_room(uint64_t text_hash, uint8_t name_tag, size_t pairs, size_t bytes) {
  bool is_full = pending_.size() == series_block::records_max ||
                 pending_pairs_ + pairs > series_block::target_slot_base || pending_bytes_ + bytes > block_bytes_max;
  if (!pending_.empty() && (is_full || begins_block(text_hash, name_tag, last_name_tag_))) flush();
  pending_pairs_ += pairs;
  pending_bytes_ += bytes;
  last_name_tag_ = name_tag;
}

void sequence_builder::add(const block_ptr& from, size_t i) {
  size_t bytes = 0;
  size_t pairs = 0;
  // Exact sums matter only where a block comes near its bounds, which its own size tells.
  if (from->heap_bytes() > block_bytes_max / series_block::records_max) {
    for (uint16_t id : from->pair_ids(i)) bytes += id < series_block::target_slot_base ? from->pair(id).size() : 0;
  }
  pairs = from->pair_ids(i).size();
  make_room(from->text_hash(i), from->name_tag(i), pairs, bytes);
  pending_.push_back({&from, i});
}

void sequence_builder::add(series_record record) {
  make_room(record.text_hash, record.name_tag, record.pairs.size(), record.literals.size());
  pending_.push_back({nullptr, fresh_.size()});
  fresh_.push_back(std::move(record));
}

bool sequence_builder::is_whole_block() const {
  const block_ptr* from = pending_.front().from;
  if (from == nullptr || (*from)->size() != pending_.size()) return false;
  for (size_t i = 0; i < pending_.size(); ++i) {
    if (pending_[i].from != from || pending_[i].index != i) return false;
  }
  return true;
}

void sequence_builder::flush() {
  if (pending_.empty()) return;
  if (is_whole_block()) {
    done_.push_back(*pending_.front().from);
  } else {
    for (auto [from, index] : pending_) {
      if (from == nullptr) {
        builder_.add(fresh_[index]);
      } else {
        builder_.add(**from, index);
      }
    }
    done_.push_back(intern(builder_.take(target_->slot_names())));
  }
  pending_.clear();
  fresh_.clear();
  pending_pairs_ = 0;
  pending_bytes_ = 0;
}

block_sequence_ptr sequence_builder::finish() {
  flush();
  done_.shrink_to_fit();
  return std::make_shared<const block_sequence>(std::move(done_));
}

}  // namespace rollcall::series
