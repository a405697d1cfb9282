#include "lib/series/block_store.hpp"

#include "lib/series/scrape_cache.hpp"

#include <array>
#include <atomic>
#include <mutex>
#include <unordered_map>

namespace rollcall::series {

namespace {

class interned_block;

// Where the living blocks can be found by their content. Sharded, so that targets seen for the first time by several
// threads do not wait for each other.
class block_store {
 public:
  block_ptr intern(series_block block);
  void forget(const interned_block& block);
  block_store_status status() const {
    return {blocks_.load(std::memory_order_relaxed), bytes_.load(std::memory_order_relaxed)};
  }

 private:
  struct entry {
    std::weak_ptr<const series_block> block;
    const series_block* address;  // tells a dying block's entry from that of its successor
  };
  struct shard {
    std::mutex mutex;
    std::unordered_multimap<uint64_t, entry> entries;
  };

  shard& shard_of(uint64_t hash) { return shards_[hash >> 58]; }

  std::array<shard, 64> shards_;
  std::atomic<size_t> blocks_ = 0;
  std::atomic<size_t> bytes_ = 0;
};

// Never destroyed, as blocks may outlive every other static object.
block_store& the_store() {
  static auto& store = *new block_store;
  return store;
}

class interned_block : public series_block {
 public:
  interned_block(series_block block, uint64_t hash) : series_block(std::move(block)), hash_(hash) {}
  ~interned_block() { the_store().forget(*this); }
  interned_block(const interned_block&) = delete;
  interned_block& operator=(const interned_block&) = delete;

  uint64_t hash() const { return hash_; }
  /// The block and what it takes to share and find it.
  size_t memory() const { return heap_bytes() + sizeof(interned_block) + 2 * sizeof(void*) + 64; }

 private:
  uint64_t hash_;
};

block_ptr block_store::intern(series_block block) {
  uint64_t hash = block.content_hash();
  shard& home = shard_of(hash);
  // Let go of outside the lock: the last reference to a block takes the lock to remove its entry.
  std::vector<block_ptr> candidates;
  std::shared_ptr<const interned_block> made;
  std::lock_guard lock(home.mutex);
  auto [first, last] = home.entries.equal_range(hash);
  for (auto at = first; at != last; ++at) {
    auto& candidate = candidates.emplace_back(at->second.block.lock());
    if (candidate && *candidate == block) return candidate;
  }
  made = std::make_shared<const interned_block>(std::move(block), hash);
  home.entries.emplace(hash, entry{made, made.get()});
  blocks_.fetch_add(1, std::memory_order_relaxed);
  bytes_.fetch_add(made->memory(), std::memory_order_relaxed);
  return made;
}

void block_store::forget(const interned_block& block) {
  shard& home = shard_of(block.hash());
  std::lock_guard lock(home.mutex);
  auto [first, last] = home.entries.equal_range(block.hash());
  for (auto at = first; at != last; ++at) {
    if (at->second.address != &block) continue;
    home.entries.erase(at);
    blocks_.fetch_sub(1, std::memory_order_relaxed);
    bytes_.fetch_sub(block.memory(), std::memory_order_relaxed);
    return;
  }
}

}  // namespace

block_ptr intern(series_block block) { return the_store().intern(std::move(block)); }

block_store_status get_block_store_status() { return the_store().status(); }

}  // namespace rollcall::series
