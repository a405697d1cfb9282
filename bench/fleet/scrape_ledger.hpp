#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace rollcall::bench {

using scrape_time = std::chrono::steady_clock::time_point;

/// What happened to one target since the window began.
struct target_scrapes {
  uint64_t scrapes = 0;
  uint64_t missed = 0;
  uint64_t doubled = 0;
  std::chrono::nanoseconds gap_max{0};  ///< Longest time without a scrape, also one that began before the window.
};

/// All targets together.
struct fleet_scrapes {
  std::chrono::nanoseconds length{0};  ///< Of the window.
  target_scrapes sum;                  ///< Sums; gap_max is the longest of all.
  uint64_t targets_unscraped = 0;      ///< Without any scrape in the window.
  uint64_t scrapes_total = 0;          ///< Since the start, not only in the window.
  uint64_t targets_unscraped_total = 0;
};

/// Counts each target's scrapes against the interval at which they are due.
///
/// A target's slots are anchored at its last scrape before the window, or its first scrape when there is none: slot k
/// is the time within half an interval of anchor + k * interval, so half an interval is the tolerance. A slot that
/// ended without a scrape is missed, each further scrape of a slot is a double one. A target that was never scraped
/// misses its first slot one and a half intervals after the window began, then one per interval. Safe for many threads.
class scrape_ledger {
 public:
  scrape_ledger(size_t targets, std::chrono::nanoseconds interval, scrape_time now);

  /// Notes a scrape and tells how many the target had before since the start; nothing when scrapes are refused.
  std::optional<uint64_t> record(size_t target, scrape_time now);

  /// Begins a new window.
  void reset(scrape_time now);

  /// From now on scrapes are refused: the totals are final.
  void pause();

  fleet_scrapes totals(scrape_time now) const;
  std::vector<target_scrapes> by_target(scrape_time now) const;

 private:
  struct entry {
    uint64_t total = 0;
    target_scrapes counts;
    uint64_t slot = 0;  ///< Of the last scrape.
    scrape_time anchor;
    scrape_time last;
  };

  target_scrapes closed(const entry& open, scrape_time now) const;
  uint64_t missed_before_first(scrape_time now) const;
  uint64_t slot_of(const entry& of, scrape_time time) const;

  mutable std::mutex mutex_;
  const std::chrono::nanoseconds interval_;
  scrape_time window_start_;
  bool paused_ = false;
  std::vector<entry> entries_;
};

}  // namespace rollcall::bench
