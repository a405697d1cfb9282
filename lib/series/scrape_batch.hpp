#pragma once

#include "lib/exposition/entry.hpp"
#include "lib/histograms/native_histogram.hpp"
#include "lib/series/metadata.hpp"
#include "lib/series/series_block.hpp"

#include <bit>
#include <cstdint>
#include <memory>
#include <vector>

namespace rollcall::series {

/// Sample values travel as the bits of a double, so that every NaN arrives as it was.
using value_bits = uint64_t;

/// Prometheus's staleness marker (model/value in prometheus/prometheus).
inline constexpr value_bits stale_marker = 0x7ff0000000000002;
/// The only other NaN that text formats can give.
inline constexpr value_bits normal_nan = 0x7ff8000000000001;
/// Stands in a batch for "no sample of this series"; a NaN that no parser yields.
inline constexpr value_bits absent = 0x7ff4526f6c6c6361;
/// Stands in a batch for "the sample is a native histogram"; likewise.
inline constexpr value_bits histogram_value = 0x7ff4526f6c6c6862;

constexpr value_bits to_bits(double value) { return std::bit_cast<value_bits>(value); }
constexpr double to_double(value_bits bits) { return std::bit_cast<double>(bits); }

/// A timestamp that the target gave itself.
struct explicit_timestamp {
  uint32_t position;  ///< Index into the part's values.
  int64_t milliseconds;

  bool operator==(const explicit_timestamp&) const = default;
};

/// A sample that is a native histogram; its value is histogram_value.
struct histogram_sample {
  uint32_t position;  ///< Index into the part's values.
  histograms::histogram_ptr histogram;
};

/// An exemplar that is new for its series.
struct exemplar_sample {
  uint32_t position;              ///< Index into the part's values.
  exposition::exemplar exemplar;  ///< Its timestamp is set.
};

/// Values for a sequence of series: one per record of all blocks in order, `absent` where there is none.
struct batch_part {
  block_sequence_ptr series;
  std::vector<value_bits> values;
  std::vector<explicit_timestamp> timestamps{};  ///< In order of position; all others have the batch's timestamp.
  std::vector<histogram_sample> histograms{};    ///< In order of position.
  std::vector<exemplar_sample> exemplars{};      ///< In order of position, and of time for each.
  std::vector<explicit_timestamp> starts{};      ///< When series began, where that is known. In order of position.
};

/// All that one scrape of one target delivers: its samples, staleness markers and report samples. Immutable and shared.
struct scrape_batch {
  target_labels_ptr target;
  uint64_t source = 0;    ///< Identity of the target: batches of one source must be delivered in order.
  int64_t timestamp = 0;  ///< Milliseconds since the Unix epoch.
  std::vector<batch_part> parts;
  size_t samples = 0;          ///< How many values are not absent.
  metadata_ptr metadata = {};  ///< What the target says of its metric families; null when it is not known.
};

using scrape_batch_ptr = std::shared_ptr<const scrape_batch>;

}  // namespace rollcall::series
