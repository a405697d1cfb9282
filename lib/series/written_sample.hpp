#pragma once

#include "lib/series/scrape_batch.hpp"

#include <cstdint>
#include <string>

namespace rollcall::series {

/// A sample of a series whose labels are text already.
struct written_sample {
  std::string name;    ///< Of the metric.
  std::string series;  ///< As the text format writes it: `name{label="value"}`.
  int64_t timestamp = 0;
  value_bits bits = 0;

  bool operator==(const written_sample&) const = default;
};

}  // namespace rollcall::series
