#include "lib/remote_write/request_builder.hpp"

#include "lib/base/assert.hpp"
#include "lib/remote_write/beyond_samples.hpp"

#include <snappy.h>

#include <algorithm>
#include <limits>

namespace rollcall::remote_write {

namespace {

constexpr uint32_t no_position = std::numeric_limits<uint32_t>::max();

// Sorts by source and joins what is known of one source from several batches.
void merge(std::vector<source_span>& spans) {
  std::sort(spans.begin(), spans.end(), [](const source_span& a, const source_span& b) {
    return std::pair(a.source, a.batch_first) < std::pair(b.source, b.batch_first);
  });
  size_t kept = 0;
  for (const auto& span : spans) {
    if (kept > 0 && spans[kept - 1].source == span.source) {
      spans[kept - 1].batch_last = span.batch_last;
    } else {
      spans[kept++] = span;
    }
  }
  spans.resize(kept);
}

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
  uint64_t samples_when_named = 0;

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
    buffer_.clear();
    sources_.clear();
  }
  slots_.clear();
  for (size_t slot = 0; slot < batch.target->size(); ++slot) slots_.push_back(batch.target->encoded(slot));
  bool any_age = options_.sample_age_max == 0;
  progress at{batch, full, any_age ? std::numeric_limits<int64_t>::min() : now - options_.sample_age_max,
              encoded_timestamp(batch.timestamp)};
  name_source(at);
  for (const auto& part : batch.parts) append_part(part, at);
  // Of many batches nothing may be left after relabeling, and their sources must not pile up.
  if (samples_ == at.samples_when_named) sources_.pop_back();
}

void request_builder::name_source(progress& at) {
  sources_.push_back({at.batch.source, batch_number_, batch_number_});
  at.samples_when_named = samples_;
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
  for (const auto& block : *part.series) {
    auto pair_of = [this, &block](auto id) {
      return id < series::series_block::target_slot_base ? block->pair(static_cast<uint16_t>(id))
                                                         : slots_[id - series::series_block::target_slot_base];
    };
    if (plans_.rules().empty()) {
      append_block<const uint16_t>(block->size(), [&block](size_t i) { return block->pair_ids(i); }, pair_of, at);
    } else {
      const auto& plan = plans_.get(block, at.batch.target, at.batch.timestamp);
      append_block<const uint32_t>(
          block->size(), [&plan](size_t i) { return plan.pair_ids(i); },
          [&plan, &pair_of](uint32_t id) { return id < series_plan::literal_base ? pair_of(id) : plan.literal(id); },
          at);
    }
    at.position += block->size();
  }
}

template <class Id, class IdsOf, class PairOf>
void request_builder::append_block(size_t series, IdsOf ids_of, PairOf pair_of, progress& at) {
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
      continue;
    }
    if (timestamp < at.oldest) {
      ++(is_histogram ? left_out_.histograms_too_old : left_out_.too_old);
      continue;
    }
    if (is_histogram) {
      append_histogram(ids, pair_of, timestamp, at.position + i, at);
      continue;
    }
    if (is_explicit) {
      buffer_.append_series(ids, pair_of, values[i], encoded_timestamp(timestamp));
    } else {
      buffer_.append_series(ids, pair_of, values[i], at.common_timestamp);
    }
    count(timestamp);
    cut_if_full(at);
    if (has_exemplars) append_exemplars(ids, pair_of, at.position + i, at);
  }
}

void request_builder::cut_if_full(progress& at) {
  if (samples_ < options_.samples_max) return;
  at.full(cut());
  name_source(at);
}

template <class Id, class PairOf>
void request_builder::append_histogram(std::span<Id> ids, PairOf pair_of, int64_t timestamp, size_t position,
                                       progress& at) {
  const auto& all = at.part->histograms;
  while (all.at(at.next_histogram).position < position) ++at.next_histogram;
  const auto& histogram = *all[at.next_histogram].histogram;
  if (histogram.schema == histograms::custom_buckets_schema) {
    ++left_out_.custom_buckets;
    return;
  }
  message_.clear();
  append_histogram_message(message_, histogram, timestamp);
  buffer_.append_series(ids, pair_of, series_field::histogram, message_);
  ++histograms_;
  count(timestamp);
  cut_if_full(at);
  append_exemplars(ids, pair_of, position, at);
}

template <class Id, class PairOf>
void request_builder::append_exemplars(std::span<Id> ids, PairOf pair_of, size_t position, progress& at) {
  const auto& all = at.part->exemplars;
  if (!options_.send_exemplars) return;
  while (at.next_exemplar < all.size() && all[at.next_exemplar].position < position) ++at.next_exemplar;
  for (; at.next_exemplar < all.size() && all[at.next_exemplar].position == position; ++at.next_exemplar) {
    const auto& exemplar = all[at.next_exemplar].exemplar;
    message_.clear();
    append_exemplar_message(message_, exemplar);
    buffer_.append_series(ids, pair_of, series_field::exemplar, message_);
    ++exemplars_;
    count(exemplar.timestamp.value_or(at.batch.timestamp));
    cut_if_full(at);
  }
}

void request_builder::count(int64_t timestamp) {
  timestamp_lowest_ = samples_ == 0 ? timestamp : std::min(timestamp_lowest_, timestamp);
  timestamp_highest_ = samples_ == 0 ? timestamp : std::max(timestamp_highest_, timestamp);
  ++samples_;
}

request request_builder::draft() {
  ROLLCALL_ASSERT(!empty());
  auto sources = sources_;
  merge(sources);
  return {compressed_body(), samples_,           histograms_,       exemplars_,
          timestamp_lowest_, timestamp_highest_, std::move(sources)};
}

std::shared_ptr<const std::string> request_builder::compressed_body() {
  auto plain = buffer_.bytes();
  compressed_.resize(std::max(compressed_.size(), snappy::MaxCompressedLength(plain.size())));
  size_t size = 0;
  snappy::RawCompress(plain.data(), plain.size(), compressed_.data(), &size);
  return std::make_shared<const std::string>(compressed_, 0, size);
}

request request_builder::cut() {
  ROLLCALL_ASSERT(!empty());
  merge(sources_);
  request made{compressed_body(), samples_,           histograms_,        exemplars_,
               timestamp_lowest_, timestamp_highest_, std::move(sources_)};
  buffer_.clear();
  sources_ = {};
  samples_ = 0;
  histograms_ = 0;
  exemplars_ = 0;
  return made;
}

}  // namespace rollcall::remote_write
