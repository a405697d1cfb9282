#include "lib/placement/place_table.hpp"

#include "lib/base/assert.hpp"

namespace rollcall::placement {

uint32_t place_table::acquire(kind what, std::string_view name) {
  if (name.empty()) return 0;
  auto [at, fresh] = numbers_.emplace(key(what, name), 0);
  if (fresh && free_.empty()) {
    places_.emplace_back();
    at->second = static_cast<uint32_t>(places_.size());
  } else if (fresh) {
    at->second = free_.back();
    free_.pop_back();
  }
  auto& acquired = places_[at->second - 1];
  acquired.name = at;
  ++acquired.uses;
  return at->second;
}

void place_table::release(uint32_t place) {
  if (place == 0) return;
  auto& released = places_[place - 1];
  ROLLCALL_ASSERT(released.uses > 0);
  if (--released.uses > 0) return;
  numbers_.erase(released.name);
  free_.push_back(place);
}

}  // namespace rollcall::placement
