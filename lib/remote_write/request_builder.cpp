#include "lib/remote_write/request_builder.hpp"

#include "lib/base/assert.hpp"
#include "lib/remote_write/merge.hpp"

#include <algorithm>
#include <limits>

namespace rollcall::remote_write {

namespace {

constexpr uint32_t no_position = std::numeric_limits<uint32_t>::max();

}  // namespace

// How far a batch has been taken.
struct request_builder::progress {
  const series::scrape_batch& batch;
  const request_handler& full;
  int64_t oldest;
  encoded_timestamp common_timestamp;
  const series::batch_part* part = nullptr;
  size_t position = 0;        // of the block's first series in the part's values
  size_t next_timestamp = 0;  // into the part's timestamps
  size_t next_histogram = 0;  // likewise
  size_t next_exemplar = 0;   // likewise
  size_t next_start = 0;      // likewise
  uint64_t samples_when_named = 0;

  // How many exemplars the sample at this place of the part has; they are passed by.
  uint64_t pass_exemplars(size_t place) {
    const auto& all = part->exemplars;
    while (next_exemplar < all.size() && all[next_exemplar].position < place) ++next_exemplar;
    auto first = next_exemplar;
    while (next_exemplar < all.size() && all[next_exemplar].position == place) ++next_exemplar;
    return next_exemplar - first;
  }
  // When the series at this place began; 0 when that is not known. Places ascend from call to call.
  int64_t start_of(size_t place) {
    const auto& all = part->starts;
    while (next_start < all.size() && all[next_start].position < place) ++next_start;
    return next_start < all.size() && all[next_start].position == place ? all[next_start].milliseconds : 0;
  }
  uint32_t next_explicit() const {
    return next_timestamp < part->timestamps.size() ? part->timestamps[next_timestamp].position : no_position;
  }
};

request_builder::request_builder(request_builder_options options)
    : options_(std::move(options)), plans_(options_.rules, options_.plan_bytes_max) {
  ROLLCALL_ASSERT(options_.samples_max > 0);
}

void request_builder::reconfigure(request_builder_options options) {
  ROLLCALL_ASSERT(empty());
  ROLLCALL_ASSERT(options.samples_max > 0);
  options_ = std::move(options);
  plans_ = series_plan_cache(options_.rules, options_.plan_bytes_max);
}

void request_builder::append(const series::scrape_batch& batch, int64_t now, const request_handler& full) {
  if (batch.samples == 0) return;
  ++batch_number_;
  if (empty()) {
    wire_.clear();
    symbols_.clear();
    sources_.clear();
  }
  enter(batch);
  bool any_age = options_.sample_age_max == 0;
  progress at{batch, full, any_age ? std::numeric_limits<int64_t>::min() : now - options_.sample_age_max,
              encoded_timestamp(batch.timestamp)};
  name_source(at);
  for (const auto& part : batch.parts) append_part(part, at);
  symbols_.leave();
  // Of many batches nothing may be left after relabeling, and their sources must not pile up.
  if (samples() == at.samples_when_named) sources_.pop_back();
}

void request_builder::enter(const series::scrape_batch& batch) {
  if (options_.message == message_kind::v2) return symbols_.enter_batch(*batch.target, batch.metadata);
  slots_.clear();
  for (size_t slot = 0; slot < batch.target->size(); ++slot) slots_.push_back(batch.target->encoded(slot));
}

void request_builder::name_source(progress& at) {
  sources_.push_back({at.batch.source, batch_number_, batch_number_});
  at.samples_when_named = samples();
}

void request_builder::append_part(const series::batch_part& part, progress& at) {
  size_t series = 0;
  for (const auto& block : *part.series) series += block->size();
  ROLLCALL_ASSERT(series == part.values.size());
  at.part = &part;
  at.position = 0;
  at.next_timestamp = 0;
  at.next_histogram = 0;
  at.next_exemplar = 0;
  at.next_start = 0;
  for (const auto& block : *part.series) {
    if (options_.message == message_kind::v2) {
      append_block(symbols_, block, at);
    } else {
      append_block(wire_, block, at);
    }
    at.position += block->size();
  }
}

void request_builder::append_block(wire_buffer& buffer, const series::block_ptr& block, progress& at) {
  auto pair_of = [this, &block](auto id) {
    return id < series::series_block::target_slot_base ? block->pair(static_cast<uint16_t>(id))
                                                       : slots_[id - series::series_block::target_slot_base];
  };
  if (plans_.rules().empty()) {
    auto ids_of = [&block](size_t i) { return block->pair_ids(i); };
    return append_values<const uint16_t>(buffer, block->size(), ids_of, pair_of, at);
  }
  const auto& plan = plans_.get(block, at.batch.target, at.batch.timestamp);
  append_values<const uint32_t>(
      buffer, block->size(), [&plan](size_t i) { return plan.pair_ids(i); },
      [&plan, &pair_of](uint32_t id) { return id < series_plan::literal_base ? pair_of(id) : plan.literal(id); }, at);
}

void request_builder::append_block(symbol_buffer& buffer, const series::block_ptr& block, progress& at) {
  buffer.enter_block(block);
  auto refs_of = [&buffer](auto id) {
    return id < series::series_block::target_slot_base
               ? buffer.own_label(static_cast<uint16_t>(id))
               : buffer.target_label(static_cast<size_t>(id) - series::series_block::target_slot_base);
  };
  if (plans_.rules().empty()) {
    auto ids_of = [&block](size_t i) { return block->pair_ids(i); };
    return append_values<const uint16_t>(buffer, block->size(), ids_of, refs_of, at);
  }
  const auto& plan = plans_.get(block, at.batch.target, at.batch.timestamp);
  buffer.enter_plan(plan.literals());
  append_values<const uint32_t>(
      buffer, block->size(), [&plan](size_t i) { return plan.pair_ids(i); },
      [&plan, &refs_of, &buffer](uint32_t id) {
        return id < series_plan::literal_base ? refs_of(id)
                                              : buffer.literal(id - series_plan::literal_base, plan.literal(id));
      },
      at);
}

template <class Id, class Buffer, class IdsOf, class LabelOf>
void request_builder::append_values(Buffer& buffer, size_t series, IdsOf ids_of, LabelOf label_of, progress& at) {
  const auto* values = at.part->values.data() + at.position;
  uint32_t next_explicit = at.next_explicit();
  const bool has_exemplars = options_.send_exemplars && !at.part->exemplars.empty();
  for (size_t i = 0; i < series; ++i) {
    if (values[i] == series::absent) continue;
    // Positions of absent values may have a timestamp too.
    while (next_explicit < at.position + i) {
      ++at.next_timestamp;
      next_explicit = at.next_explicit();
    }
    bool is_explicit = next_explicit == at.position + i;
    int64_t timestamp = is_explicit ? at.part->timestamps[at.next_timestamp].milliseconds : at.batch.timestamp;
    std::span<Id> ids = ids_of(i);
    bool is_histogram = values[i] == series::histogram_value;
    if (is_histogram && !options_.send_native_histograms) continue;
    if (ids.empty()) {
      ++(is_histogram ? left_out_.histograms_by_relabeling : left_out_.by_relabeling);
      if (has_exemplars) left_out_.exemplars_by_relabeling += at.pass_exemplars(at.position + i);
      continue;
    }
    if (timestamp < at.oldest) {
      ++(is_histogram ? left_out_.histograms_too_old : left_out_.too_old);
      if (has_exemplars) left_out_.exemplars_too_old += at.pass_exemplars(at.position + i);
      continue;
    }
    if (is_histogram) {
      append_histogram(buffer, ids, label_of, timestamp, at.position + i, at);
      continue;
    }
    if (is_explicit) {
      buffer.append_series(ids, label_of, values[i], encoded_timestamp(timestamp), at.start_of(at.position + i));
    } else {
      buffer.append_series(ids, label_of, values[i], at.common_timestamp, at.start_of(at.position + i));
    }
    count(timestamp);
    cut_if_full(buffer, at);
    if (has_exemplars) append_exemplars(buffer, ids, label_of, at.position + i, at);
  }
}

template <class Buffer>
void request_builder::cut_if_full(const Buffer& buffer, progress& at) {
  if (samples() < options_.samples_max && !buffer.full()) return;
  at.full(cut());
  name_source(at);
}

template <class Id, class Buffer, class LabelOf>
void request_builder::append_histogram(Buffer& buffer, std::span<Id> ids, LabelOf label_of, int64_t timestamp,
                                       size_t position, progress& at) {
  const auto& all = at.part->histograms;
  while (all.at(at.next_histogram).position < position) ++at.next_histogram;
  const auto& histogram = *all[at.next_histogram].histogram;
  if (!Buffer::takes_custom_buckets && histogram.schema == histograms::custom_buckets_schema) {
    ++left_out_.custom_buckets;
  } else {
    message_.clear();
    buffer.encode(message_, histogram, timestamp, at.start_of(position));
    buffer.append_series(ids, label_of, series_field::histogram, message_);
    ++counts_.histograms;
    count(timestamp);
    cut_if_full(buffer, at);
  }
  append_exemplars(buffer, ids, label_of, position, at);
}

template <class Id, class Buffer, class LabelOf>
void request_builder::append_exemplars(Buffer& buffer, std::span<Id> ids, LabelOf label_of, size_t position,
                                       progress& at) {
  const auto& all = at.part->exemplars;
  if (!options_.send_exemplars) return;
  while (at.next_exemplar < all.size() && all[at.next_exemplar].position < position) ++at.next_exemplar;
  for (; at.next_exemplar < all.size() && all[at.next_exemplar].position == position; ++at.next_exemplar) {
    const auto& exemplar = all[at.next_exemplar].exemplar;
    message_.clear();
    buffer.encode(message_, exemplar);
    buffer.append_series(ids, label_of, series_field::exemplar, message_);
    ++counts_.exemplars;
    count(exemplar.timestamp.value_or(at.batch.timestamp));
    cut_if_full(buffer, at);
  }
}

void request_builder::count(int64_t timestamp) {
  timestamp_lowest_ = empty() ? timestamp : std::min(timestamp_lowest_, timestamp);
  timestamp_highest_ = empty() ? timestamp : std::max(timestamp_highest_, timestamp);
  ++counts_.samples;
}

request request_builder::draft() {
  ROLLCALL_ASSERT(!empty());
  auto sources = sources_;
  join_spans(sources);
  return {counts_,
          {options_.message, options_.compression},
          compressed_body(),
          timestamp_lowest_,
          timestamp_highest_,
          std::move(sources)};
}

request request_builder::cut() {
  ROLLCALL_ASSERT(!empty());
  join_spans(sources_);
  request made{std::exchange(counts_, {}), {options_.message, options_.compression},
               compressed_body(),          timestamp_lowest_,
               timestamp_highest_,         std::exchange(sources_, {})};
  wire_.clear();
  symbols_.clear();
  return made;
}

std::shared_ptr<const std::string> request_builder::compressed_body() {
  std::string_view plain = wire_.bytes();
  if (options_.message == message_kind::v2) {
    plain_.clear();
    symbols_.append_to(plain_);
    plain = plain_;
  }
  return compressor_.compress(options_.compression, plain);
}

}  // namespace rollcall::remote_write
