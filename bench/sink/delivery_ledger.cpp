#include "bench/sink/delivery_ledger.hpp"

#include "lib/base/assert.hpp"

#include <algorithm>

namespace rollcall::bench {

namespace {

/// How many samples ahead the table is asked to be in the cache.
constexpr size_t lookahead = 12;

}  // namespace

delivery_counts operator-(const delivery_counts& now, const delivery_counts& earlier) {
  delivery_counts difference;
  for (auto field :
       {&delivery_counts::requests, &delivery_counts::requests_refused, &delivery_counts::wire_bytes,
        &delivery_counts::payload_samples, &delivery_counts::report_samples, &delivery_counts::stale_markers,
        &delivery_counts::report_stale_markers, &delivery_counts::gaps, &delivery_counts::gap_intervals,
        &delivery_counts::duplicates, &delivery_counts::out_of_order, &delivery_counts::series_untracked,
        &delivery_counts::exemplars, &delivery_counts::histograms, &delivery_counts::metadata}) {
    difference.*field = now.*field - earlier.*field;
  }
  return difference;
}

delivery_ledger::delivery_ledger(std::chrono::milliseconds interval, size_t series_max)
    : interval_(interval.count()), table_(series_max) {
  ROLLCALL_ASSERT(interval_ > 0);
}

void delivery_ledger::accept(const observed_request& request, uint64_t wire_bytes) {
  ++total_.requests;
  total_.wire_bytes += wire_bytes;
  total_.exemplars += request.exemplars;
  total_.histograms += request.histograms;
  total_.metadata += request.metadata;
  const auto& samples = request.samples;
  for (size_t i = 0; i < samples.size(); ++i) {
    if (i + lookahead < samples.size()) table_.prefetch(samples[i + lookahead].series);
    observe(samples[i]);
  }
}

void delivery_ledger::refuse(uint64_t wire_bytes) {
  ++total_.requests;
  ++total_.requests_refused;
  total_.wire_bytes += wire_bytes;
}

void delivery_ledger::observe(const observed_sample& sample) {
  if (sample.is_stale) {
    ++(sample.is_report ? total_.report_stale_markers : total_.stale_markers);
  } else {
    ++(sample.is_report ? total_.report_samples : total_.payload_samples);
  }
  newest_ = std::max(newest_, sample.timestamp);
  series_entry* entry = table_.find_or_add(sample.series);
  if (entry == nullptr) {
    ++total_.series_untracked;
    return;
  }
  if (!entry->is_new) check_order(sample, *entry);
  if (!entry->is_new && sample.timestamp <= entry->last) return;
  entry->last = sample.timestamp;
  entry->is_new = false;
  entry->is_stale = sample.is_stale;
  entry->is_report = sample.is_report;
}

void delivery_ledger::check_order(const observed_sample& sample, const series_entry& entry) {
  int64_t distance = sample.timestamp - entry.last;
  if (distance == 0) {
    ++total_.duplicates;
  } else if (distance < 0) {
    ++total_.out_of_order;
  } else if (2 * distance > 3 * interval_ && !entry.is_stale) {
    ++total_.gaps;
    total_.gap_intervals += static_cast<uint64_t>((distance + interval_ / 2) / interval_ - 1);
  }
}

uint64_t delivery_ledger::series_silent() const {
  uint64_t silent = 0;
  table_.for_each(
      [&](const series_entry& entry) { silent += !entry.is_stale && 2 * (newest_ - entry.last) > 3 * interval_; });
  return silent;
}

int64_t delivery_ledger::oldest_last() const {
  int64_t oldest = newest_;
  table_.for_each([&](const series_entry& entry) {
    if (!entry.is_stale) oldest = std::min(oldest, entry.last);
  });
  return oldest;
}

}  // namespace rollcall::bench
