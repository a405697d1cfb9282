#pragma once

#include "lib/base/duration.hpp"
#include "lib/remote_write/send_queue.hpp"
#include "lib/series/metadata.hpp"

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace rollcall::remote_write {

struct metadata_queue_options {
  milliseconds interval = std::chrono::minutes(1);
  uint64_t entries_max = 2000;            ///< Of one request.
  uint64_t entries_all_max = 10'000'000;  ///< Of all requests of one time; what is beyond is left out.
  send_queue_options send;                ///< Of its window only the backoffs count.
};

/// What targets say of their metric families, on its way to one receiver: all of it each interval, each entry once
/// however many targets say it, in requests of remote_write 1.0 that have nothing else in them. Requests go one after
/// the other; a time that comes before they are all finished is left out. Times are as those of send_queue.
class metadata_queue {
 public:
  explicit metadata_queue(metadata_queue_options options);

  /// A target says this; it counts for as long as somebody holds it. May be null.
  void note(const series::metadata_ptr& said);

  // As send_queue has them; the samples are entries.
  std::vector<attempt> take_due(milliseconds now);
  const request* under_way(uint64_t tag) const { return queue_.under_way(tag); }
  bool delivered(uint64_t tag) { return queue_.delivered(tag); }
  bool refused(uint64_t tag) { return queue_.refused(tag); }
  bool failed(uint64_t tag, milliseconds now, std::optional<milliseconds> hold_off) {
    return queue_.failed(tag, now, hold_off);
  }
  void fail_all(milliseconds now) { queue_.fail_all(now); }
  std::optional<milliseconds> next_due() const;
  const send_totals& totals() const { return queue_.totals(); }
  void reconfigure(metadata_queue_options options);

 private:
  std::vector<series::metadata_ptr> living_tables();
  void collect(const std::vector<series::metadata_ptr>& tables);

  metadata_queue_options options_;
  send_queue queue_;
  // An address may be used again: what is expired is of a table that is gone.
  std::unordered_map<const series::metadata_table*, std::weak_ptr<const series::metadata_table>> tables_;
  std::optional<milliseconds> collect_at_;  // none before anything was said
  uint64_t requests_ = 0;                   // made so far
};

}  // namespace rollcall::remote_write
