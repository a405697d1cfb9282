#include "lib/series/scrape_pass.hpp"
#include "lib/series/stale_series.hpp"

namespace rollcall::series {

namespace {

// A cache that failing scrapes with ever other series let grow beyond this is cut back, as Prometheus does it.
size_t records_kept_max(size_t last_successful_size) { return 2 * last_successful_size + 1000; }

}  // namespace

position scrape_pass::new_position(position old_position) const {
  if (diverged_) return new_positions_[old_position];
  return old_position < placed_ ? old_position : no_position;
}

void scrape_pass::count_lines() {
  result_.samples_scraped = placed_ + unplaced_;
  result_.samples_after_relabel = result_.samples_scraped - dropped_ - failed_;
}

ingest_result scrape_pass::take_result() {
  count_lines();
  if (result_.sample_limit_exceeded && !result_.failure) {
    result_.failure = error{errc::limit_exceeded, "sample limit exceeded"};
  }
  if (result_.bucket_limit_exceeded && !result_.failure) {
    result_.failure = error{errc::limit_exceeded, "histogram bucket limit exceeded"};
  }
  note_further_samples();
  carry_exemplar_notes();
  bool is_success = !result_.failure;
  if (is_success) {
    keep_success();
  } else {
    keep_failure();
  }
  // Whatever is untracked is so by exception, so nothing can have vanished from an unchanged, fully tracked scrape.
  if (is_success && !diverged_ && after_.tracked.is_all()) return std::move(result_);
  std::vector<position> vanished;
  position at = 0;
  for (const auto& block : blocks_) {
    for (size_t i = 0; i < block->size(); ++i, ++at) {
      if (block->kind(i) != record_kind::live || !before_.tracked.contains(at)) continue;
      position now_at = new_position(at);
      if (now_at == no_position || !after_.tracked.contains(now_at)) vanished.push_back(at);
    }
  }
  if (!vanished.empty()) vanished = distinct_series(std::move(vanished), blocks_, after_, target_);
  if (!vanished.empty()) result_.parts.push_back(stale_part(blocks_, vanished));
  return std::move(result_);
}

// The timestamps of further samples count like those of the first ones.
void scrape_pass::note_further_samples() {
  if (further_.empty()) return;
  for (const auto& sample : further_) notes_.push_back({.at = sample.original, .last_timestamp = sample.timestamp});
  std::stable_sort(notes_.begin(), notes_.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  size_t kept = 0;
  for (size_t i = 1; i < notes_.size(); ++i) {
    if (notes_[i].at != notes_[kept].at) {
      notes_[++kept] = notes_[i];
      continue;
    }
    notes_[kept].is_known = true;
    notes_[kept].last_timestamp = std::max(notes_[kept].last_timestamp, notes_[i].last_timestamp);
  }
  notes_.resize(kept + 1);
}

// A part has one value for each record, so further samples of a series need further records.
batch_part scrape_pass::further_part(const std::vector<further_sample>& samples) const {
  batch_part part;
  sequence_builder builder(target_);
  block_map map(*after_.sequence);
  for (const auto& sample : samples) {
    cursor original = map.find(sample.original);
    builder.add((*after_.sequence)[original.block], original.index);
    auto at = static_cast<uint32_t>(part.values.size());
    part.timestamps.push_back({at, sample.timestamp});
    part.values.push_back(sample.value);
    if (sample.histogram) part.histograms.push_back({at, sample.histogram});
  }
  part.series = builder.finish();
  return part;
}

void scrape_pass::keep_success() {
  if (placed_ < before_.size || !before_.sequence) diverge();
  after_.sequence = diverged_ ? builder_.finish() : before_.sequence;
  after_.size = placed_;
  after_.last_successful_size = placed_;
  after_.tracked = untracked_.empty() ? tracking::all() : tracking::first(placed_, untracked_);
  after_.notes = std::move(notes_);
  after_.last_time = now_;
  if (!starts_.empty()) result_.parts.push_back(further_part(starts_));
  if (placed_ > 0) {
    result_.parts.push_back({after_.sequence, std::move(values_), std::move(timestamps_), std::move(histograms_),
                             std::move(exemplars_), std::move(start_times_)});
  }
  if (!further_.empty()) result_.parts.push_back(further_part(further_));
}

// The scrape delivers nothing, but what it met before it failed counts as met: Prometheus gives those series no
// staleness marker. What it did not come to stays known, without being expected to go stale once more.
void scrape_pass::keep_failure() {
  after_.last_successful_size = before_.last_successful_size;
  after_.last_time = before_.last_time;
  auto met = placed_;
  if (diverged_ || !before_.sequence) {
    diverge();
    append_unseen();
    after_.sequence = builder_.finish();
    after_.size = placed_;
  } else {
    after_.sequence = before_.sequence;
    after_.size = before_.size;
    notes_.insert(notes_.end(), before_.note_from(placed_), before_.notes.end());
  }
  after_.tracked = tracking::first(met, untracked_);
  after_.notes = std::move(notes_);
}

void scrape_pass::append_unseen() {
  auto unseen = static_cast<size_t>(std::count(new_positions_.begin(), new_positions_.end(), no_position));
  if (placed_ + unseen > records_kept_max(before_.last_successful_size)) return;
  position at = 0;
  for (const auto& block : blocks_) {
    for (size_t i = 0; i < block->size(); ++i, ++at) {
      if (new_positions_[at] != no_position || block->kind(i) == record_kind::duplicate) continue;
      if (const series_note* note = before_.note_at(at)) {
        notes_.push_back(*note);
        notes_.back().at = placed_;
      }
      builder_.add(block, i);
      ++placed_;
    }
  }
}

}  // namespace rollcall::series
