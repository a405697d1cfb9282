#include "lib/remote_write/series_plan.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>

namespace rollcall::remote_write {

namespace {

constexpr size_t touched_names_max = 10'000;
// What an entry costs beside its plan: the node of the table and what it holds.
constexpr size_t entry_bytes = 160;

// Collects the plan's own pairs, each once.
class literal_table {
 public:
  literal_table(std::vector<uint32_t>& offsets, std::string& bytes) : offsets_(offsets), bytes_(bytes) {}

  uint32_t id_of(std::string_view name, std::string_view value) {
    encoded_.clear();
    series::encode_pair(encoded_, name, value);
    auto next = series_plan::literal_base + static_cast<uint32_t>(offsets_.size() - 1);
    auto [found, fresh] = ids_.try_emplace(encoded_, next);
    if (fresh) {
      bytes_ += encoded_;
      offsets_.push_back(static_cast<uint32_t>(bytes_.size()));
    }
    return found->second;
  }

 private:
  std::vector<uint32_t>& offsets_;
  std::string& bytes_;
  std::string encoded_;
  std::unordered_map<std::string, uint32_t> ids_;
};

}  // namespace

series_plan::series_plan(const series::series_block& block, const series::target_labels& target,
                         const label_rules& rules) {
  literal_table literals(literal_offsets_, literal_bytes_);
  std::vector<label> original;
  label_builder subject;
  first_ids_.reserve(block.size() + 1);
  for (size_t i = 0; i < block.size(); ++i) {
    first_ids_.push_back(static_cast<uint32_t>(ids_.size()));
    auto ids = block.pair_ids(i);
    if (ids.empty()) continue;
    original.clear();
    subject.clear();
    for (auto id : ids) {
      original.push_back(series::decode_pair(block.resolve(id, target)));
      subject.set(original.back().name, original.back().value);
    }
    for (auto [name, value] : rules.external) {
      if (subject.get(name).empty()) subject.set(name, value);
    }
    if (!rules.relabel.apply(subject).kept) continue;
    size_t at = 0;
    for (const auto& [name, value] : subject.pairs()) {
      while (at < original.size() && original[at].name < name) ++at;
      bool kept = at < original.size() && original[at] == label{name, value};
      ids_.push_back(kept ? ids[at] : literals.id_of(name, value));
    }
  }
  first_ids_.push_back(static_cast<uint32_t>(ids_.size()));
  ids_.shrink_to_fit();
  literal_bytes_.shrink_to_fit();
  literal_offsets_.shrink_to_fit();
}

size_t series_plan::heap_bytes() const {
  return sizeof *this + literal_bytes_.capacity() +
         sizeof(uint32_t) * (ids_.capacity() + first_ids_.capacity() + literal_offsets_.capacity());
}

size_t series_plan_cache::key_hash::operator()(const key& k) const {
  auto mixed = reinterpret_cast<uintptr_t>(k.block) ^ (reinterpret_cast<uintptr_t>(k.target) * 0x9E3779B97F4A7C15u);
  return static_cast<size_t>((mixed * 0x9E3779B97F4A7C15u) >> 16);
}

const series_plan& series_plan_cache::get(const series::block_ptr& block, const series::target_labels_ptr& target,
                                          int64_t now) {
  if (std::abs(now - last_sweep_) >= idle_max) sweep(now, idle_max);
  bool shared = shared_by_targets(target);
  key wanted{block.get(), shared ? nullptr : target.get()};
  auto found = entries_.find(wanted);
  if (found != entries_.end()) {
    auto& known = found->second;
    if (!known.block.expired() && (shared || !known.target.expired())) {
      known.last_used = now;
      return *known.plan;
    }
    bytes_ -= known.plan->heap_bytes() + entry_bytes;
    entries_.erase(found);
  }
  auto plan = std::make_unique<const series_plan>(*block, *target, rules_);
  size_t cost = plan->heap_bytes() + entry_bytes;
  if (bytes_ + cost > bytes_max_) {
    overflow_ = std::move(plan);
    return *overflow_;
  }
  bytes_ += cost;
  auto& made = entries_[wanted];
  made = entry{block, shared ? series::target_labels_ptr() : target, std::move(plan), now};
  return *made.plan;
}

// The values of labels that no rule reads or writes do not matter, so they can stay slots.
bool series_plan_cache::shared_by_targets(const series::target_labels_ptr& target) {
  if (rules_.relabel.empty()) return true;
  if (target == last_target_) return last_shared_;
  last_target_ = target;
  last_shared_ = true;
  for (size_t slot = 0; slot < target->size() && last_shared_; ++slot) {
    std::string_view name = target->at(slot).name;
    auto found = touched_names_.find(name);
    if (found == touched_names_.end()) {
      if (touched_names_.size() >= touched_names_max) touched_names_.clear();
      found = touched_names_.emplace(name, rules_.relabel.touches(name)).first;
    }
    last_shared_ = !found->second;
  }
  return last_shared_;
}

void series_plan_cache::sweep(int64_t now, int64_t idle) {
  last_sweep_ = now;
  std::erase_if(entries_, [&](const auto& item) {
    const auto& known = item.second;
    bool gone = known.block.expired() || (item.first.target && known.target.expired());
    if (!gone && std::abs(now - known.last_used) < idle) return false;
    bytes_ -= known.plan->heap_bytes() + entry_bytes;
    return true;
  });
}

}  // namespace rollcall::remote_write
