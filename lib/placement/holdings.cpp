#include "lib/placement/holdings.hpp"

namespace rollcall::placement {

holdings::holdings() { add_worker(); }

worker_number holdings::add_worker() {
  holders_.push_back(std::make_unique<holder>());
  return static_cast<worker_number>(holders_.size() - 1);
}

void holdings::give(unit_slot slot, worker_number to, unit_motion motion) {
  take_off(slot);
  unit& given = units_.at(slot);
  given.owner = to;
  given.moving = motion == unit_motion::moving;
  given.orphaned = 0;
  put_back(slot);
}

}  // namespace rollcall::placement
