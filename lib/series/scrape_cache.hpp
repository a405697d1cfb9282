#pragma once

#include "lib/base/result.hpp"
#include "lib/labels/names.hpp"
#include "lib/relabel/relabel.hpp"
#include "lib/series/metadata.hpp"
#include "lib/series/scrape_batch.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace rollcall::series {

/// How a job's exposition becomes series. Shared by all targets of the job; 0 means no limit.
struct ingest_options {
  bool honor_labels = false;
  bool honor_timestamps = true;
  bool track_timestamps_staleness = false;
  relabel::program metric_relabel;
  name_validation validation = name_validation::utf8;
  uint64_t sample_limit = 0;
  uint64_t label_limit = 0;
  uint64_t label_name_length_limit = 0;
  uint64_t label_value_length_limit = 0;
  bool scrape_native_histograms = false;
  bool always_scrape_classic_histograms = false;
  bool convert_classic_histograms_to_nhcb = false;
  uint64_t native_histogram_bucket_limit = 0;
  double native_histogram_min_bucket_factor = 0;  ///< Resolutions finer than this factor are reduced; 0: none.
  /// Whether the time at which a counter or histogram began becomes a sample of zero, instead of a series `_created`.
  bool created_timestamp_zero_ingestion = false;
  /// Whether the time at which a counter or histogram began goes with its samples; likewise instead of `_created`.
  bool keep_start_times = false;
  /// Whether every series gets its type and unit as labels __type__ and __unit__.
  bool type_and_unit_labels = false;
};

using ingest_options_ptr = std::shared_ptr<const ingest_options>;

/// What came of one body, without the report samples.
struct ingest_result {
  std::vector<batch_part> parts;        ///< Samples and staleness markers to deliver.
  std::optional<error> failure;         ///< Why the scrape counts as failed, if it does; then no sample is delivered.
  uint64_t samples_scraped = 0;         ///< scrape_samples_scraped
  uint64_t samples_after_relabel = 0;   ///< scrape_samples_post_metric_relabeling
  uint64_t series_added = 0;            ///< scrape_series_added
  uint64_t duplicates = 0;              ///< Samples dropped because their series stood in the scrape before.
  uint64_t out_of_order = 0;            ///< Samples dropped because the target gave no newer timestamp than last time.
  uint64_t out_of_bounds = 0;           ///< Samples dropped because their timestamp lies over 10 minutes ahead.
  uint64_t exemplars_out_of_order = 0;  ///< Series whose exemplars were all older than what came before.
  bool sample_limit_exceeded = false;
  bool label_limits_exceeded = false;
  bool bucket_limit_exceeded = false;
};

/// Remembers the series of one target from scrape to scrape. In the steady state (the same lines as last time, other
/// values) a line costs one hash of its series text and one number; nothing is allocated but the values. What vanished
/// gets staleness markers. Used by one thread at a time; the blocks it hands out are shared.
class scrape_cache {
 public:
  scrape_cache(ingest_options_ptr options, target_labels_ptr target);
  ~scrape_cache();
  scrape_cache(scrape_cache&&) noexcept;
  scrape_cache& operator=(scrape_cache&&) noexcept;

  /// Takes a body, inflated. `now` (milliseconds since the epoch) is the time of the scrape. A failure names the line,
  /// or for protobuf the place, and what was expected.
  ingest_result ingest(std::string_view body, exposition::format format, int64_t now);
  /// Takes note of a scrape without a body: everything known goes stale.
  ingest_result forget();

  /// The series known: those of the last successful scrape, and with a scrape that failed half-way what was new in it.
  /// They stay known when they go stale. Null before the first scrape.
  const block_sequence_ptr& series() const;
  /// Whether the series at this place in series() would get a staleness marker if it vanished now: not when it is stale
  /// already, nor when the target gives its timestamps itself and those are not tracked.
  bool is_tracked(size_t position) const;
  const target_labels_ptr& target() const;
  /// What is known now of which series there are and which are tracked: fit to be compared, not to be scraped into.
  std::shared_ptr<scrape_cache> outline() const;
  /// Whether an outline would be the same now. Costs next to nothing.
  bool has_outline(const scrape_cache& outline) const;
  /// What the target said of its metric families in the last successful scrape. Null before the first one.
  const metadata_ptr& metadata() const;
  /// How many known series are neither dropped nor duplicates.
  size_t live() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// The samples that Prometheus adds to each scrape.
struct report {
  double up = 0;
  double scrape_duration_seconds = 0;
  double samples_scraped = 0;
  double samples_after_relabel = 0;
  double series_added = 0;
};

/// Extra report samples, delivered when the job asks for extra_scrape_metrics.
struct extra_report {
  double scrape_timeout_seconds = 0;
  double sample_limit = 0;
  double body_size_bytes = 0;
};

/// Report samples as a part of a batch. They carry the target's labels; a target label of the name of a report sample's
/// own label is impossible, as `__name__` is no target label.
batch_part report_part(const target_labels& target, const report& values, const extra_report* extra);
/// Staleness markers for all report samples, for a target that is gone.
batch_part stale_report_part(const target_labels& target, bool with_extra);

/// Assembles a batch and counts its samples.
scrape_batch_ptr make_batch(target_labels_ptr target, uint64_t source, int64_t timestamp, std::vector<batch_part> parts,
                            metadata_ptr metadata = nullptr);

/// Process-wide figures of the block store, for the metrics.
struct block_store_status {
  size_t blocks = 0;  ///< Distinct blocks alive.
  size_t bytes = 0;   ///< Their memory.
};
block_store_status get_block_store_status();

}  // namespace rollcall::series
