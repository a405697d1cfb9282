#include "lib/histograms/resolution.hpp"
#include "lib/histograms/validation.hpp"
#include "lib/series/scrape_pass.hpp"

#include <algorithm>
#include <bit>
#include <tuple>

namespace rollcall::series {

namespace {

using exposition::exemplar;

// Gives each a timestamp, or takes it out: one without of a native histogram could be of any of its scrapes.
void settle_timestamps(std::vector<exemplar>& all, int64_t timestamp, bool of_histogram) {
  if (of_histogram) std::erase_if(all, [](const exemplar& each) { return !each.timestamp; });
  std::stable_sort(all.begin(), all.end(), [timestamp](const exemplar& a, const exemplar& b) {
    auto key = [timestamp](const exemplar& of) {
      return std::tuple(of.timestamp.value_or(timestamp), std::bit_cast<double>(of.value_bits));
    };
    return key(a) < key(b);
  });
}

}  // namespace

// The histogram of a sample as it may be delivered; null when it has none, or when it broke the limit or the scrape.
histograms::histogram_ptr scrape_pass::fit_histogram(const sample& read) {
  if (read.value_bits != histogram_value) return nullptr;
  auto histogram = read.source->histogram();
  auto schema_max = histograms::max_schema_of(options_.native_histogram_min_bucket_factor);
  bool is_too_fine = histogram->schema > schema_max && schema_max < histograms::exponential_schema_max;
  if (is_too_fine || options_.native_histogram_bucket_limit > 0) {
    auto fitted = std::make_shared<histograms::native_histogram>(*histogram);
    result<void> reduced = is_too_fine ? histograms::limit_schema(*fitted, schema_max) : result<void>();
    bool is_limited = options_.native_histogram_bucket_limit > 0;
    if (reduced && is_limited && !histograms::limit_buckets(*fitted, options_.native_histogram_bucket_limit)) {
      result_.bucket_limit_exceeded = true;
      return nullptr;
    }
    histogram = std::move(fitted);
  }
  auto valid = histograms::validate(*histogram);
  if (valid) return histogram;
  fail_with(std::move(valid.error()));
  return nullptr;
}

// The exemplars of the record about to be placed that are new for its series.
void scrape_pass::take_exemplars(const sample& read, int64_t timestamp, position before) {
  const exemplar_note* last = before != no_position ? before_.exemplar_at(before) : nullptr;
  exemplar_note note = last != nullptr ? *last : exemplar_note{};
  note.at = placed_;
  uint64_t set_hash = read.source->exemplars_hash();
  if (last != nullptr && last->set_hash == set_hash) {
    exemplar_notes_.push_back(note);
    return;
  }
  note.set_hash = set_hash;
  std::vector<exemplar> found;
  read.source->append_exemplars(found);
  settle_timestamps(found, timestamp, read.value_bits == histogram_value);
  size_t out_of_order = 0;
  for (auto& each : found) {
    uint64_t hash = exemplars_hash_of({&each, 1});
    if (hash == note.hash) continue;
    int64_t at = each.timestamp.value_or(timestamp);
    if (at < note.timestamp) {
      ++out_of_order;
      continue;
    }
    note.hash = hash;
    note.timestamp = at;
    each.timestamp = at;
    exemplars_.push_back({placed_, std::move(each)});
  }
  if (!found.empty() && out_of_order == found.size()) ++result_.exemplars_out_of_order;
  exemplar_notes_.push_back(note);
}

// Keeps when a series began. One that began after its last sample may get a zero at that time.
void scrape_pass::take_start(const sample& read, int64_t timestamp, const series_note* note, position before,
                             const histograms::histogram_ptr& like) {
  auto start = read.source->start_timestamp();
  if (!start || *start >= timestamp) return;
  if (options_.keep_start_times) start_times_.push_back({placed_, *start});
  if (!options_.created_timestamp_zero_ingestion) return;
  bool is_known = before != no_position && (note == nullptr || note->is_known);
  int64_t last = is_known ? before_.last_time : std::numeric_limits<int64_t>::min();
  if (is_known && note != nullptr) last = std::max(last, note->last_timestamp);
  if (*start <= last) return;
  if (!like) return starts_.push_back({placed_, to_bits(0), *start, nullptr});
  auto zero = std::make_shared<histograms::native_histogram>();
  zero->is_float = like->is_float;
  zero->hint = histograms::reset_hint::yes;
  zero->schema = like->schema;
  zero->zero_threshold = like->zero_threshold;
  zero->custom_values = like->custom_values;
  starts_.push_back({placed_, histogram_value, *start, std::move(zero)});
}

// A series that has no exemplar this time keeps the note of its last one.
void scrape_pass::carry_exemplar_notes() {
  if (before_.exemplars.empty()) {
    after_.exemplars = std::move(exemplar_notes_);
    return;
  }
  auto by_position = [](const exemplar_note& a, const exemplar_note& b) { return a.at < b.at; };
  std::stable_sort(exemplar_notes_.begin(), exemplar_notes_.end(), by_position);
  auto fresh = exemplar_notes_.size();
  for (auto note : before_.exemplars) {
    note.at = new_position(note.at);
    bool is_replaced = std::binary_search(
        exemplar_notes_.begin(), exemplar_notes_.begin() + static_cast<std::ptrdiff_t>(fresh), note, by_position);
    if (note.at != no_position && !is_replaced) exemplar_notes_.push_back(note);
  }
  std::sort(exemplar_notes_.begin(), exemplar_notes_.end(), by_position);
  after_.exemplars = std::move(exemplar_notes_);
}

}  // namespace rollcall::series
