#pragma once

#include "lib/exposition/metric_type.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rollcall::exposition {

/// How a body is written.
enum class format : uint8_t { text, open_metrics, protobuf };

/// What a parser has read.
enum class entry : uint8_t {
  end,
  sample,     ///< One number of one series.
  histogram,  ///< One native histogram of one series.
  help,
  type,
  unit,
  comment,  ///< A line that says nothing.
};

/// An example of what a sample counts, as the target exposed it.
struct exemplar {
  std::vector<std::pair<std::string, std::string>> labels;  ///< In the order of the text.
  uint64_t value_bits = 0;                                  ///< Of a double.
  std::optional<int64_t> timestamp;                         ///< Milliseconds since the Unix epoch.

  bool operator==(const exemplar&) const = default;
};

}  // namespace rollcall::exposition
