#include "lib/series/scrape_pass.hpp"

namespace rollcall::series {

namespace {

// A sample may lie this far ahead of the scrape; Prometheus's maxAheadTime.
constexpr int64_t ahead_max_milliseconds = 10 * 60 * 1000;

}  // namespace

// A series of the scrape before, not yet met in this one. The cursor goes on behind it.
void scrape_pass::take_known_series(const cursor& here, const sample& read) {
  const series_block& block = *blocks_[here.block];
  if (!diverged_ && here.at != placed_) diverge();
  if (block.kind(here.index) == record_kind::dropped) {
    ++dropped_;
    place(here, absent);
  } else {
    place(here, admit(read, before_.note_at(here.at), here.at));
  }
  cursor_ = behind(here);
}

void scrape_pass::take_new_series(const series_identity& identity, const sample& read) {
  if (auto fit = read.source->check_labels(); !fit) return fail_with(std::move(fit.error()));
  label_list exposed;
  read.source->append_labels(exposed);
  auto record = maker_.make(identity, std::move(exposed));
  if (!record) {
    result_.label_limits_exceeded = record.error().code == errc::limit_exceeded;
    ++unplaced_;
    ++failed_;
    fail_with(std::move(record.error()));
    return;
  }
  bool is_dropped = record->kind == record_kind::dropped;
  if (is_dropped) ++dropped_;
  if (!is_dropped && appended_ >= samples_max_) result_.sample_limit_exceeded = true;
  if (result_.sample_limit_exceeded) {
    // Counted, but not remembered: the limit is there to bound memory.
    ++unplaced_;
    return;
  }
  diverge();
  index_->add(record->text_hash, placed_, is_dropped ? text_origin::fresh_dropped : text_origin::fresh_live);
  if (is_dropped) {
    place(std::move(*record), absent);
    return;
  }
  series_note unknown{.at = no_position, .is_known = false};
  value_bits value = admit(read, &unknown, no_position);
  place(std::move(*record), value);
}

// A series that stood before in this scrape.
void scrape_pass::take_repeated(const series_identity& identity, const sample& read) {
  const auto* found = index_->find(identity.hash);
  const series_note* note = nullptr;
  bool is_dropped = found->origin == text_origin::fresh_dropped;
  position original = found->at;
  if (found->origin == text_origin::before) {
    cursor there = map_.find(found->at);
    is_dropped = blocks_[there.block]->kind(there.index) == record_kind::dropped;
    original = new_position(found->at);
    note = before_.note_at(found->at);
  }
  if (is_dropped) {
    ++dropped_;
  } else if (read.has_timestamp && options_.honor_timestamps) {
    take_another_sample(original, note, read);
  } else {
    ++result_.duplicates;
  }
  bool is_expected =
      !diverged_ && cursor_.block < blocks_.size() && blocks_[cursor_.block]->text_hash(cursor_.index) == identity.hash;
  if (is_expected) {
    place(cursor_, absent);
    cursor_ = map_.find(cursor_.at + 1);
    return;
  }
  if (result_.sample_limit_exceeded) {
    ++unplaced_;
    return;
  }
  diverge();
  series_record record;
  record.text_hash = identity.hash;
  record.text_bytes = static_cast<uint32_t>(identity.text_bytes);
  record.name_tag = metric_name_tag(identity.name);
  record.kind = is_dropped ? record_kind::dropped : record_kind::duplicate;
  place(std::move(record), absent);
}

// A series that repeats with a timestamp has one more sample.
void scrape_pass::take_another_sample(position original, const series_note* note, const sample& read) {
  auto histogram = fit_histogram(read);
  bool is_lost = read.value_bits == histogram_value && !histogram;
  if (!is_lost && !refuse(note, read.timestamp)) {
    further_.push_back({original, read.value_bits, read.timestamp, std::move(histogram)});
  }
}

// Refuses a sample for the limit or its timestamp, and counts that; false if it may be taken.
bool scrape_pass::refuse(const series_note* note, std::optional<int64_t> timestamp) {
  if (appended_ >= samples_max_) {
    result_.sample_limit_exceeded = true;
    return true;
  }
  ++appended_;
  if (timestamp && *timestamp > now_ + ahead_max_milliseconds) {
    ++result_.out_of_bounds;
    return true;
  }
  if (note != nullptr && timestamp.value_or(now_) <= note->last_timestamp) {
    ++result_.out_of_order;
    return true;
  }
  return false;
}

// The value to deliver for the live record that is about to be placed; notes what is particular about it. `before` is
// where the series was in the scrape before.
value_bits scrape_pass::admit(const sample& read, const series_note* note, position before) {
  std::optional<int64_t> timestamp;
  if (read.has_timestamp && options_.honor_timestamps) timestamp = read.timestamp;
  auto histogram = fit_histogram(read);
  bool is_lost = read.value_bits == histogram_value && !histogram;
  bool was_refused = is_lost || refuse(note, timestamp);
  bool is_new = note != nullptr && !note->is_known;
  if (was_refused || (timestamp && !options_.track_timestamps_staleness)) untracked_.push_back(placed_);
  if (was_refused) {
    if (note != nullptr) {
      notes_.push_back(*note);
      notes_.back().at = placed_;
    }
    return absent;
  }
  if (is_new && !result_.sample_limit_exceeded && !result_.bucket_limit_exceeded) ++result_.series_added;
  if (timestamp) {
    notes_.push_back({.at = placed_, .last_timestamp = *timestamp});
    timestamps_.push_back({placed_, *timestamp});
  }
  if (read.has_exemplars) take_exemplars(read, timestamp.value_or(now_), before);
  if (watches_start_ && read.source != nullptr) take_start(read, timestamp.value_or(now_), note, before, histogram);
  if (histogram) histograms_.push_back({placed_, std::move(histogram)});
  return read.value_bits;
}

void scrape_pass::place(const cursor& here, value_bits value) {
  if (diverged_) {
    new_positions_[here.at] = placed_;
    builder_.add(blocks_[here.block], here.index);
    values_.push_back(value);
  } else {
    values_[placed_] = value;
  }
  ++placed_;
}

void scrape_pass::place(series_record record, value_bits value) {
  builder_.add(std::move(record));
  values_.push_back(value);
  ++placed_;
}

}  // namespace rollcall::series
