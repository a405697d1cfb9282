#pragma once

#include "lib/labels/labels.hpp"
#include "lib/relabel/relabel.hpp"
#include "lib/series/series_block.hpp"
#include "lib/series/target_labels.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace rollcall::remote_write {

/// What an endpoint puts on or does to every series before it leaves: external labels first (a label the series already
/// has wins), then write relabeling.
struct label_rules {
  labels external;
  relabel::program relabel;

  bool empty() const { return external.empty() && relabel.empty(); }
};

/// The series of one block as an endpoint wants them. Ids are those of the block and of its target's slots, and from
/// literal_base on pairs that the plan holds itself.
class series_plan {
 public:
  static constexpr uint32_t literal_base = 0x10000;

  /// Works the rules out for every live series of the block.
  series_plan(const series::series_block& block, const series::target_labels& target, const label_rules& rules);

  /// In order of label name; empty when the series is not to be sent, or not live.
  std::span<const uint32_t> pair_ids(size_t i) const {
    return {ids_.data() + first_ids_[i], static_cast<size_t>(first_ids_[i + 1] - first_ids_[i])};
  }
  /// A pair of the plan's own, as series::encode_pair() wrote it.
  std::string_view literal(uint32_t id) const {
    uint32_t i = id - literal_base;
    return {literal_bytes_.data() + literal_offsets_[i], literal_offsets_[i + 1] - literal_offsets_[i]};
  }
  /// How many pairs of its own it holds.
  size_t literals() const { return literal_offsets_.size() - 1; }
  size_t heap_bytes() const;

 private:
  std::vector<uint32_t> ids_;
  std::vector<uint32_t> first_ids_;
  std::vector<uint32_t> literal_offsets_ = {0};
  std::string literal_bytes_;
};

/// The plans of the blocks that came lately. Where the rules cannot tell one target from another, all targets share the
/// plan of a block. For one thread.
class series_plan_cache {
 public:
  /// Plans that were not asked for during this many milliseconds of batch time are dropped.
  static constexpr int64_t idle_max = 300'000;

  /// `bytes_max` bounds the memory of the plans; beyond it they are made anew each time.
  series_plan_cache(label_rules rules, size_t bytes_max) : rules_(std::move(rules)), bytes_max_(bytes_max) {}

  /// `now` in milliseconds since the Unix epoch. The plan is valid until the next call.
  const series_plan& get(const series::block_ptr& block, const series::target_labels_ptr& target, int64_t now);

  const label_rules& rules() const { return rules_; }
  size_t size() const { return entries_.size(); }
  size_t bytes() const { return bytes_; }

 private:
  struct key {
    const series::series_block* block;
    const series::target_labels* target;  // null when all targets share the plan

    bool operator==(const key&) const = default;
  };
  struct key_hash {
    size_t operator()(const key& k) const;
  };
  struct entry {
    // An address may be used again; an expired owner tells that the plan is of an object that is gone.
    std::weak_ptr<const series::series_block> block;
    std::weak_ptr<const series::target_labels> target;
    std::unique_ptr<const series_plan> plan;
    int64_t last_used = 0;
  };

  bool shared_by_targets(const series::target_labels_ptr& target);
  void sweep(int64_t now, int64_t idle);

  label_rules rules_;
  size_t bytes_max_;
  std::unordered_map<key, entry, key_hash> entries_;
  std::map<std::string, bool, std::less<>> touched_names_;
  std::unique_ptr<const series_plan> overflow_;
  series::target_labels_ptr last_target_;  // for which last_shared_ was found out
  bool last_shared_ = true;
  size_t bytes_ = 0;
  int64_t last_sweep_ = 0;
};

}  // namespace rollcall::remote_write
