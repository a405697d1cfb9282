#pragma once

#include <cstddef>
#include <string>

namespace bench {

/// One scrape of a made-up service in all formats: the same families, series and values.
struct bodies {
  std::string text;
  std::string open_metrics;
  std::string protobuf;
  std::size_t samples = 0;  ///< As the text formats show them.
};

/// Counters and gauges with labels, and classic histograms of ten buckets, about `samples` samples in all. Values
/// change with the round, names and labels do not.
bodies make_bodies(std::size_t samples, unsigned round);

}  // namespace bench
