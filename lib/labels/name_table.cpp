#include "lib/labels/name_table.hpp"

#include <mutex>

namespace rollcall {

name_table::~name_table() {
  for (auto& each : chunks_) delete each.load(std::memory_order_relaxed);
}

name_table& name_table::shared() {
  static name_table table;
  return table;
}

uint32_t name_table::number_of(std::string_view name) {
  if (name.size() > name_bytes_max) return 0;
  {
    std::shared_lock lock(mutex_);
    if (auto found = numbers_.find(name); found != numbers_.end()) return found->second;
    if (texts_.size() + 1 == names_max) return 0;
  }
  std::unique_lock lock(mutex_);
  // Another thread may have been faster.
  if (auto found = numbers_.find(name); found != numbers_.end()) return found->second;
  if (texts_.size() + 1 == names_max) return 0;
  std::string_view kept = texts_.emplace_back(name);
  auto number = static_cast<uint32_t>(texts_.size());
  auto& place = chunks_[number / chunk_names];
  if (place.load(std::memory_order_relaxed) == nullptr) place.store(new chunk(), std::memory_order_release);
  (*place.load(std::memory_order_relaxed))[number % chunk_names] = kept;
  numbers_.emplace(kept, number);
  return number;
}

// Whoever has a number has it from number_of(), by way of a lock or a message: what it stands for was written before.
std::string_view name_table::name_of(uint32_t number) const {
  return (*chunks_[number / chunk_names].load(std::memory_order_acquire))[number % chunk_names];
}

}  // namespace rollcall
