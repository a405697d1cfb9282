#include "lib/series/known_series.hpp"

namespace rollcall::series {

tracking tracking::first(size_t count, const std::vector<position>& exceptions) {
  tracking made = none();
  made.listed_.assign(count, true);
  for (position at : exceptions) made.listed_[at] = false;
  return made;
}

block_map::block_map(const block_sequence& blocks) {
  begins_.reserve(blocks.size() + 1);
  position at = 0;
  begins_.push_back(at);
  for (const auto& block : blocks) begins_.push_back(at += static_cast<position>(block->size()));
}

cursor block_map::find(position at) const {
  if (at >= begins_.back()) return {begins_.size() - 1, 0, at};
  auto block = static_cast<size_t>(std::upper_bound(begins_.begin(), begins_.end(), at) - begins_.begin()) - 1;
  return {block, at - begins_[block], at};
}

}  // namespace rollcall::series
