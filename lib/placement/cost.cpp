#include "lib/placement/cost.hpp"

#include "lib/base/assert.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rollcall::placement {

namespace {

cost bounded(double value) {
  return static_cast<cost>(std::clamp(std::round(value), 1.0, double(std::numeric_limits<cost>::max())));
}

}  // namespace

cost cost_of(const scrape_measurement& scrape, milliseconds interval, const cost_model& model) {
  ROLLCALL_ASSERT(interval.count() > 0);
  double each = static_cast<double>(model.exchange.count()) +
                model.sample_nanoseconds * static_cast<double>(scrape.samples) +
                model.byte_nanoseconds * static_cast<double>(scrape.body_bytes) +
                model.wait_share * static_cast<double>(scrape.duration.count());
  return bounded(each / std::chrono::duration<double>(interval).count());
}

cost averaged(cost before, cost newest, double weight) {
  return bounded(double(before) + (double(newest) - double(before)) * weight);
}

}  // namespace rollcall::placement
