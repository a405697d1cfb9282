#include "lib/targets/schedule.hpp"

#include "lib/base/assert.hpp"

#include <algorithm>
#include <string>

namespace rollcall {

namespace {

uint64_t fnv64a(uint64_t hash, std::string_view text) {
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

}  // namespace

uint64_t offset_seed(std::string_view hostname, const labels& external_labels) {
  return fnv64a(fnv64a(0xcbf29ce484222325u, hostname), external_labels.to_string());
}

milliseconds phase(uint64_t identity, uint64_t offset_seed, milliseconds interval) {
  ROLLCALL_ASSERT(interval.count() > 0);
  milliseconds exact((identity ^ offset_seed) % static_cast<uint64_t>(interval.count()));
  return exact - exact % phase_step(interval);
}

milliseconds phase_step(milliseconds interval) {
  using std::chrono::seconds;
  if (interval >= seconds(10)) return milliseconds(100);
  if (interval >= seconds(5)) return milliseconds(50);
  if (interval >= seconds(1)) return milliseconds(10);
  return milliseconds(interval >= milliseconds(100) ? 5 : 1);
}

milliseconds next_due(milliseconds now, milliseconds interval, milliseconds phase) {
  ROLLCALL_ASSERT(interval.count() > 0);
  milliseconds since_last = (now - phase) % interval;
  if (since_last.count() < 0) since_last += interval;
  return now - since_last + interval;
}

milliseconds sample_timestamp(milliseconds scheduled, milliseconds actual, milliseconds interval,
                              milliseconds tolerance, timestamp_adjustment adjustment) {
  milliseconds lateness = actual < scheduled ? scheduled - actual : actual - scheduled;
  bool close = lateness <= std::min(interval / 100, tolerance);
  return close && adjustment == timestamp_adjustment::on ? scheduled : actual;
}

}  // namespace rollcall
