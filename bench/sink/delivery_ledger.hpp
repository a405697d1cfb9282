#pragma once

#include "bench/sink/series_table.hpp"
#include "bench/sink/write_request.hpp"

#include <chrono>
#include <cstdint>
#include <span>

namespace rollcall::bench {

/// What was delivered, and what was wrong with it.
struct delivery_counts {
  uint64_t requests = 0;
  uint64_t requests_refused = 0;
  uint64_t wire_bytes = 0;       ///< Of all requests, HTTP heads included.
  uint64_t payload_samples = 0;  ///< Values of the targets' own series.
  uint64_t report_samples = 0;   ///< Values of `up` and `scrape_*`.
  uint64_t stale_markers = 0;    ///< Of the targets' own series.
  uint64_t report_stale_markers = 0;
  uint64_t gaps = 0;              ///< Times that a series' next sample was more than 1.5 intervals later.
  uint64_t gap_intervals = 0;     ///< Samples that would have filled the gaps.
  uint64_t duplicates = 0;        ///< Samples with the timestamp of their series' last one.
  uint64_t out_of_order = 0;      ///< Samples older than their series' last one.
  uint64_t series_untracked = 0;  ///< Samples of series beyond the table's bound: counted, not checked.
  uint64_t exemplars = 0;
  uint64_t histograms = 0;
  uint64_t metadata = 0;

  bool operator==(const delivery_counts&) const = default;
};

/// The counts since an earlier state of the same ledger.
delivery_counts operator-(const delivery_counts& now, const delivery_counts& earlier);

/// Follows every series. A sample after a staleness marker never makes a gap. For one thread at a time.
class delivery_ledger {
 public:
  delivery_ledger(std::chrono::milliseconds interval, size_t series_max);

  void accept(const observed_request& request, uint64_t wire_bytes);
  void refuse(uint64_t wire_bytes);

  /// Begins a new window; what is known of each series stays.
  void reset() { window_start_ = total_; }

  const delivery_counts& total() const { return total_; }
  delivery_counts window() const { return total_ - window_start_; }
  size_t series() const { return table_.size(); }

  /// Series whose last sample is neither a staleness marker nor within 1.5 intervals of the newest sample of all.
  uint64_t series_silent() const;
  /// The last sample of the series whose last sample is the oldest, in milliseconds since the Unix epoch; staleness
  /// markers do not count. 0 when there is none.
  int64_t oldest_last() const;

 private:
  void observe(const observed_sample& sample);
  void check_order(const observed_sample& sample, const series_entry& entry);

  const int64_t interval_;
  series_table table_;
  int64_t newest_ = 0;
  delivery_counts total_;
  delivery_counts window_start_;
};

}  // namespace rollcall::bench
