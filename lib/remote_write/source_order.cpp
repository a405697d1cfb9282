#include "lib/remote_write/source_order.hpp"

#include "lib/base/assert.hpp"

#include <algorithm>

namespace rollcall::remote_write {

// Whether the first place that is not released could be. Batch numbers ascend along a line, so a comparison with the
// front covers all between.
bool source_order::releasable(const line& waiting) {
  if (waiting.released >= waiting.places.size()) return false;
  return waiting.released == 0 || waiting.places.front().batch_first == waiting.places[waiting.released].batch_last;
}

bool source_order::add(uint64_t id, std::span<const source_span> sources) {
  size_t held_back = 0;
  for (const auto& span : sources) {
    auto& line = lines_[span.source];
    ROLLCALL_ASSERT(line.places.empty() || line.places.back().id < id);
    line.places.push_back({id, span.batch_first, span.batch_last});
    bool at_front = line.released + 1 == line.places.size() && releasable(line);
    if (at_front) {
      ++line.released;
    } else {
      ++held_back;
    }
  }
  if (held_back > 0) held_back_[id] = held_back;
  return held_back == 0;
}

bool source_order::would_wait(std::span<const source_span> sources) const {
  return std::any_of(sources.begin(), sources.end(), [this](const source_span& span) {
    auto found = lines_.find(span.source);
    if (found == lines_.end()) return false;
    const auto& line = found->second;
    return line.released < line.places.size() || line.places.front().batch_first != span.batch_last;
  });
}

void source_order::remove(uint64_t id, std::span<const source_span> sources, std::vector<uint64_t>& freed) {
  held_back_.erase(id);
  for (const auto& span : sources) {
    auto& line = lines_.at(span.source);
    auto place = std::find_if(line.places.begin(), line.places.end(), [id](const auto& p) { return p.id == id; });
    ROLLCALL_ASSERT(place != line.places.end());
    if (static_cast<size_t>(place - line.places.begin()) < line.released) --line.released;
    line.places.erase(place);
    if (line.places.empty()) {
      lines_.erase(span.source);
      continue;
    }
    for (; releasable(line); ++line.released) {
      auto held = held_back_.find(line.places[line.released].id);
      ROLLCALL_ASSERT(held != held_back_.end());
      if (--held->second > 0) continue;
      freed.push_back(held->first);
      held_back_.erase(held);
    }
  }
}

}  // namespace rollcall::remote_write
