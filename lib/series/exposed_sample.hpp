#pragma once

#include "lib/base/result.hpp"
#include "lib/exposition/entry.hpp"
#include "lib/histograms/native_histogram.hpp"
#include "lib/series/series_maker.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace rollcall::series {

/// A hash of what exemplars say, one or several in their order. A timestamp counts where the target gave one.
uint64_t exemplars_hash_of(std::span<const exposition::exemplar> all);

/// What can be asked about the sample in hand, for as long as its parser stands there. Nothing is decoded before it is
/// asked for: in the steady state nobody asks.
class sample_source {
 public:
  virtual ~sample_source() = default;

  /// Whether the labels are fit to be read. A series that is known has passed this before.
  virtual result<void> check_labels() const { return {}; }
  /// Appends the labels as exposed, `__name__` among them.
  virtual void append_labels(label_list& out) const = 0;
  /// Appends the exemplars, as exposed.
  virtual void append_exemplars(std::vector<exposition::exemplar>& out) const = 0;
  /// A hash that changes when anything about the exemplars does.
  virtual uint64_t exemplars_hash() const = 0;
  /// Of a sample that is a native histogram; valid, and never null.
  virtual histograms::histogram_ptr histogram() const = 0;
  /// When the series began, in milliseconds since the Unix epoch.
  virtual std::optional<int64_t> start_timestamp() const = 0;
};

/// A sample as exposed.
struct exposed_sample {
  uint64_t value_bits = 0;  ///< histogram_value for a native histogram.
  int64_t timestamp = 0;
  bool has_timestamp = false;
  bool has_exemplars = false;
  const sample_source* source = nullptr;
};

}  // namespace rollcall::series
