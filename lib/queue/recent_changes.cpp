#include "lib/queue/recent_changes.hpp"

namespace rollcall::queue {

void recent_changes::wrote(const queue_changes& changes, uint64_t record_bytes) {
  std::erase_if(fates_, [this](const auto& known) { return known.second.bytes_since >= log_block_bytes_; });
  for (auto& [sequence, fate] : fates_) fate.bytes_since += record_bytes;
  for (const auto& each : changes.appended) fates_[each->sequence] = {summary_of(*each), 0};
  for (auto sequence : changes.erased) fates_[sequence] = {};
  // Where that is lost, the block is still where it was.
  for (const auto& order : changes.set_aside) fates_.erase(order.sequence);
}

}  // namespace rollcall::queue
