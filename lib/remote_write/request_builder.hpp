#pragma once

#include "lib/remote_write/compression.hpp"
#include "lib/remote_write/request.hpp"
#include "lib/remote_write/series_plan.hpp"
#include "lib/remote_write/symbol_buffer.hpp"
#include "lib/remote_write/wire_buffer.hpp"
#include "lib/series/scrape_batch.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::remote_write {

struct request_builder_options {
  label_rules rules;
  message_kind message = message_kind::v1;
  remote_write::compression compression = remote_write::compression::snappy;
  uint64_t samples_max = 2000;  ///< Of one request.
  int64_t sample_age_max = 0;   ///< Milliseconds; older samples are left out. 0 means none are.
  bool send_native_histograms = false;
  bool send_exemplars = false;
  size_t plan_bytes_max = 256 * 1024 * 1024;  ///< Memory for what is remembered of the rules' outcome.
};

/// Samples that were left out of every request.
struct left_out {
  uint64_t too_old = 0;
  uint64_t by_relabeling = 0;
  uint64_t histograms_too_old = 0;
  uint64_t histograms_by_relabeling = 0;
  uint64_t exemplars_too_old = 0;  ///< As their samples were; as the next.
  uint64_t exemplars_by_relabeling = 0;
  uint64_t custom_buckets = 0;  ///< Histograms that remote_write 1.0 has no form for.

  bool operator==(const left_out&) const = default;
};

/// Makes requests of batches: one TimeSeries per sample, labels in order of name, byte for byte what libprotobuf would
/// write. Those of remote_write 2.0 say of each series what its target says of the metric family. Reuses its memory.
/// After an exception it holds what it held before or more, in whole series. For one thread.
class request_builder {
 public:
  using request_handler = std::function<void(request)>;

  explicit request_builder(request_builder_options options);

  /// Takes all of a batch; hands over each request that becomes full on the way. `now` in milliseconds since the Unix
  /// epoch.
  void append(const series::scrape_batch& batch, int64_t now, const request_handler& full);
  /// Finishes what has been begun. There must be something.
  request cut();
  /// What has been begun as it would be cut now; it goes on. There must be something.
  request draft();

  bool empty() const { return counts_.samples == 0; }
  /// What has been begun.
  const item_counts& counts() const { return counts_; }
  /// Samples, histograms and exemplars together.
  uint64_t samples() const { return counts_.samples; }
  /// Whose samples have been begun; a source may be named several times.
  std::span<const source_span> sources() const { return sources_; }
  /// Since the builder was made.
  const rollcall::remote_write::left_out& left_out() const { return left_out_; }
  /// Puts other options in force. Nothing must have been begun.
  void reconfigure(request_builder_options options);

 private:
  struct progress;

  void enter(const series::scrape_batch& batch);
  void append_part(const series::batch_part& part, progress& at);
  void append_block(wire_buffer& buffer, const series::block_ptr& block, progress& at);
  void append_block(symbol_buffer& buffer, const series::block_ptr& block, progress& at);
  // A buffer's labels are what it has series made of: `label_of(id)` gives one by its id.
  template <class Id, class Buffer, class IdsOf, class LabelOf>
  void append_values(Buffer& buffer, size_t series, IdsOf ids_of, LabelOf label_of, progress& at);
  template <class Id, class Buffer, class LabelOf>
  void append_histogram(Buffer& buffer, std::span<Id> ids, LabelOf label_of, int64_t timestamp, size_t position,
                        progress& at);
  template <class Id, class Buffer, class LabelOf>
  void append_exemplars(Buffer& buffer, std::span<Id> ids, LabelOf label_of, size_t position, progress& at);
  void count(int64_t timestamp);
  template <class Buffer>
  void cut_if_full(const Buffer& buffer, progress& at);
  std::shared_ptr<const std::string> compressed_body();
  void name_source(progress& at);

  request_builder_options options_;
  series_plan_cache plans_;
  wire_buffer wire_;       // of version 1
  symbol_buffer symbols_;  // of version 2
  std::string plain_;
  compressor compressor_;
  std::string message_;
  std::vector<std::string_view> slots_;
  uint64_t batch_number_ = 0;
  item_counts counts_;
  int64_t timestamp_lowest_ = 0;
  int64_t timestamp_highest_ = 0;
  std::vector<source_span> sources_;
  rollcall::remote_write::left_out left_out_;
};

}  // namespace rollcall::remote_write
