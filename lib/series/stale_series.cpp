#include "lib/series/stale_series.hpp"

#include "lib/series/text_hash.hpp"

#include <algorithm>

namespace rollcall::series {

namespace {

// Hashes of whole label sets, from one hash per distinct pair.
class label_set_hasher {
 public:
  explicit label_set_hasher(const target_labels& target) {
    for (size_t slot = 0; slot < target.size(); ++slot) slots_.push_back(series_text_hash(target.encoded(slot)));
  }

  /// Goes on to another block.
  void enter(const series_block& block) {
    block_ = &block;
    pairs_.clear();
    for (size_t id = 0; id < block.pair_count(); ++id) {
      pairs_.push_back(series_text_hash(block.pair(static_cast<uint16_t>(id))));
    }
  }

  uint64_t hash(size_t i) const {
    uint64_t sum = 0;
    for (uint16_t id : block_->pair_ids(i)) {
      sum += id < series_block::target_slot_base ? pairs_[id] : slots_[id - series_block::target_slot_base];
    }
    return sum;
  }

 private:
  std::vector<uint64_t> slots_;
  std::vector<uint64_t> pairs_;
  const series_block* block_ = nullptr;
};

}  // namespace

std::vector<position> distinct_series(std::vector<position> candidates, const block_sequence& from,
                                      const known_series& now, const target_labels& target) {
  struct candidate {
    uint64_t hash;
    position at;
  };
  label_set_hasher hasher(target);
  std::vector<candidate> hashed;
  block_map map(from);
  size_t entered = from.size();
  for (position at : candidates) {
    cursor there = map.find(at);
    if (there.block != entered) hasher.enter(*from[entered = there.block]);
    hashed.push_back({hasher.hash(there.index), at});
  }
  std::sort(hashed.begin(), hashed.end(),
            [](const auto& a, const auto& b) { return a.hash != b.hash ? a.hash < b.hash : a.at < b.at; });
  std::vector<position> aliased;
  for (size_t i = 1; i < hashed.size(); ++i) {
    if (hashed[i].hash == hashed[i - 1].hash) aliased.push_back(hashed[i].at);
  }
  static const block_sequence nothing;
  position at = 0;
  for (const auto& block : now.sequence ? *now.sequence : nothing) {
    hasher.enter(*block);
    for (size_t i = 0; i < block->size(); ++i, ++at) {
      if (block->kind(i) != record_kind::live || !now.tracked.contains(at)) continue;
      uint64_t hash = hasher.hash(i);
      auto found = std::lower_bound(hashed.begin(), hashed.end(), hash,
                                    [](const candidate& left, uint64_t right) { return left.hash < right; });
      for (; found != hashed.end() && found->hash == hash; ++found) aliased.push_back(found->at);
    }
  }
  std::sort(aliased.begin(), aliased.end());
  std::erase_if(candidates,
                [&](position wanted) { return std::binary_search(aliased.begin(), aliased.end(), wanted); });
  return candidates;
}

batch_part stale_part(const block_sequence& from, const std::vector<position>& vanished) {
  block_map map(from);
  block_sequence blocks;
  batch_part part;
  size_t last = from.size();
  size_t begin = 0;
  for (position at : vanished) {
    cursor there = map.find(at);
    if (there.block != last) {
      last = there.block;
      begin = part.values.size();
      blocks.push_back(from[last]);
      part.values.resize(begin + from[last]->size(), absent);
    }
    part.values[begin + there.index] = stale_marker;
  }
  part.series = std::make_shared<const block_sequence>(std::move(blocks));
  return part;
}

std::vector<batch_part> stale_everything(const known_series& known, const target_labels& target) {
  std::vector<position> tracked;
  position at = 0;
  if (known.sequence) {
    for (const auto& block : *known.sequence) {
      for (size_t i = 0; i < block->size(); ++i, ++at) {
        if (block->kind(i) == record_kind::live && known.tracked.contains(at)) tracked.push_back(at);
      }
    }
  }
  std::vector<batch_part> parts;
  if (!tracked.empty()) {
    parts.push_back(stale_part(*known.sequence, distinct_series(tracked, *known.sequence, {}, target)));
  }
  return parts;
}

}  // namespace rollcall::series
