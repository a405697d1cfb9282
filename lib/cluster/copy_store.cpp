#include "lib/cluster/copy_store.hpp"

#include <utility>

namespace rollcall::cluster {

void copy_store::keep(uint64_t key, std::string state) {
  forget(key);
  auto size = state.size() + entry_bytes;
  if (state.empty() || bytes_ + size > bytes_max_) {
    left_out_.insert(key);
    return;
  }
  bytes_ += size;
  state.shrink_to_fit();
  copies_.emplace(key, std::move(state));
}

const std::string* copy_store::find(uint64_t key) const {
  auto found = copies_.find(key);
  return found == copies_.end() ? nullptr : &found->second;
}

void copy_store::pass(uint64_t from, uint64_t to) {
  if (from == to) return;
  if (auto moved = copies_.extract(from); !moved.empty()) {
    bytes_ -= moved.mapped().size() + entry_bytes;
    if (!copies_.contains(to)) keep(to, std::move(moved.mapped()));
  }
  forget(from);
}

void copy_store::forget(uint64_t key) {
  left_out_.erase(key);
  auto found = copies_.find(key);
  if (found == copies_.end()) return;
  bytes_ -= found->second.size() + entry_bytes;
  copies_.erase(found);
}

}  // namespace rollcall::cluster
