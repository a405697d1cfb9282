#include "bench/fleet/scrape_ledger.hpp"

#include "lib/base/assert.hpp"

#include <algorithm>

namespace rollcall::bench {

scrape_ledger::scrape_ledger(size_t targets, std::chrono::nanoseconds interval, scrape_time now)
    : interval_(interval), window_start_(now), entries_(targets) {
  ROLLCALL_ASSERT(interval_.count() > 0);
}

uint64_t scrape_ledger::slot_of(const entry& of, scrape_time time) const {
  return static_cast<uint64_t>((time - of.anchor + interval_ / 2) / interval_);
}

uint64_t scrape_ledger::missed_before_first(scrape_time now) const {
  auto late = now - window_start_ - interval_ / 2;
  return late.count() > 0 ? static_cast<uint64_t>(late / interval_) : 0;
}

std::optional<uint64_t> scrape_ledger::record(size_t target, scrape_time now) {
  std::lock_guard lock(mutex_);
  ROLLCALL_ASSERT(target < entries_.size());
  if (paused_) return std::nullopt;
  entry& scraped = entries_[target];
  if (scraped.total == 0) {
    scraped.anchor = now;
    scraped.counts.missed = missed_before_first(now);
    scraped.counts.gap_max = now - window_start_;
  } else {
    uint64_t slot = slot_of(scraped, now);
    if (slot == scraped.slot) {
      ++scraped.counts.doubled;
    } else {
      scraped.counts.missed += slot - scraped.slot - 1;
    }
    scraped.slot = slot;
    scraped.counts.gap_max = std::max<std::chrono::nanoseconds>(scraped.counts.gap_max, now - scraped.last);
  }
  scraped.last = now;
  ++scraped.counts.scrapes;
  return scraped.total++;
}

void scrape_ledger::reset(scrape_time now) {
  std::lock_guard lock(mutex_);
  window_start_ = now;
  for (auto& each : entries_) {
    each.counts = {};
    each.anchor = each.last;
    each.slot = 0;
  }
}

void scrape_ledger::pause() {
  std::lock_guard lock(mutex_);
  paused_ = true;
}

target_scrapes scrape_ledger::closed(const entry& open, scrape_time now) const {
  target_scrapes counts = open.counts;
  if (open.total == 0) {
    counts.missed = missed_before_first(now);
    counts.gap_max = now - window_start_;
    return counts;
  }
  // Slot k is over at anchor + (k + 1/2) * interval, that is when the slot of now is k + 1.
  uint64_t slot = slot_of(open, now);
  if (slot > open.slot + 1) counts.missed += slot - open.slot - 1;
  counts.gap_max = std::max<std::chrono::nanoseconds>(counts.gap_max, now - open.last);
  return counts;
}

fleet_scrapes scrape_ledger::totals(scrape_time now) const {
  std::lock_guard lock(mutex_);
  fleet_scrapes totals;
  totals.length = now - window_start_;
  for (const auto& each : entries_) {
    auto counts = closed(each, now);
    totals.sum.scrapes += counts.scrapes;
    totals.sum.missed += counts.missed;
    totals.sum.doubled += counts.doubled;
    totals.sum.gap_max = std::max(totals.sum.gap_max, counts.gap_max);
    totals.targets_unscraped += counts.scrapes == 0;
    totals.scrapes_total += each.total;
    totals.targets_unscraped_total += each.total == 0;
  }
  return totals;
}

std::vector<target_scrapes> scrape_ledger::by_target(scrape_time now) const {
  std::lock_guard lock(mutex_);
  std::vector<target_scrapes> all;
  all.reserve(entries_.size());
  for (const auto& each : entries_) all.push_back(closed(each, now));
  return all;
}

}  // namespace rollcall::bench
