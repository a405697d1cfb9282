#pragma once

namespace rollcall::exposition {

/// What becomes of histograms: Prometheus's scrape options of these names.
struct histogram_options {
  bool scrape_native_histograms = true;             ///< Else all histograms are taken for classic ones.
  bool always_scrape_classic_histograms = false;    ///< Classic series also beside a native histogram.
  bool convert_classic_histograms_to_nhcb = false;  ///< Classic histograms become native ones with custom buckets.

  bool operator==(const histogram_options&) const = default;
};

}  // namespace rollcall::exposition
