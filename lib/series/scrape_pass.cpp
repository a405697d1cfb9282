#include "lib/series/scrape_pass.hpp"

#include <numeric>

namespace rollcall::series {

namespace {

// How many records to look ahead for a sample before asking the index: enough for a family or two that went away.
constexpr size_t look_ahead_max = 64;

const block_sequence no_blocks;

}  // namespace

scrape_pass::scrape_pass(const ingest_options& options, const target_labels& target, const known_series& before,
                         std::string_view body, int64_t now)
    : options_(options),
      target_(target),
      before_(before),
      blocks_(before.sequence ? *before.sequence : no_blocks),
      secret_(process_hash_secret()),
      body_(body),
      now_(now),
      samples_max_(options.sample_limit > 0 ? options.sample_limit : std::numeric_limits<uint64_t>::max()),
      watches_start_(options.created_timestamp_zero_ingestion || options.keep_start_times),
      values_(before.size, absent),
      map_(blocks_),
      builder_(target),
      maker_(options, target) {}

// Finds the next record that has a note.
void scrape_pass::expect_from(position at) {
  auto note = before_.note_from(at);
  next_note_ = note != before_.notes.end() ? note->at : no_position;
}

// Takes a sample that is the expected record but needs more than its value stored; false if it has to be looked for.
bool scrape_pass::take_expected(const cursor& here, const sample& read) {
  const series_block& block = *blocks_[here.block];
  bool has_timestamp = read.has_timestamp && options_.honor_timestamps;
  if (block.kind(here.index) == record_kind::duplicate) {
    if (diverged_ || has_timestamp) return false;
    ++result_.duplicates;
    ++placed_;
  } else {
    if (diverged_ && new_positions_[here.at] != no_position) return false;
    take_known_series(here, read);
  }
  expect_from(here.at + 1);
  return true;
}

// Takes a sample that is not the expected record; false when it failed the scrape.
bool scrape_pass::take_elsewhere(const series_identity& identity, const sample& read) {
  auto expected = find_ahead(identity.hash);
  bool is_taken = expected && diverged_ && new_positions_[expected->at] != no_position;
  bool is_duplicate = expected && blocks_[expected->block]->kind(expected->index) == record_kind::duplicate;
  if (expected && !is_taken && !is_duplicate) {
    take_known_series(*expected, read);
    return !result_.failure;
  }
  ensure_index();
  const auto* found = index_->find(identity.hash);
  if (found == nullptr) {
    take_new_series(identity, read);
  } else if (found->origin == text_origin::before && new_position(found->at) == no_position) {
    take_known_series(map_.find(found->at), read);
  } else {
    take_repeated(identity, read);
  }
  return !result_.failure;
}

std::optional<cursor> scrape_pass::find_ahead(uint64_t hash) const {
  cursor here = cursor_;
  for (size_t looked = 0; looked < look_ahead_max && here.block < blocks_.size(); ++looked) {
    const series_block& block = *blocks_[here.block];
    if (block.text_hash(here.index) == hash) return here;
    ++here.at;
    if (++here.index == block.size()) here = {here.block + 1, 0, here.at};
  }
  return std::nullopt;
}

void scrape_pass::ensure_index() {
  if (index_) return;
  index_.emplace(before_.size);
  position at = 0;
  for (const auto& block : blocks_) {
    for (size_t i = 0; i < block->size(); ++i, ++at) {
      if (block->kind(i) != record_kind::duplicate) index_->add(block->text_hash(i), at, text_origin::before);
    }
  }
}

// From here on the scrape gets a sequence of its own, beginning with what was read so far.
void scrape_pass::diverge() {
  if (diverged_) return;
  diverged_ = true;
  values_.resize(placed_);
  new_positions_.assign(before_.size, no_position);
  std::iota(new_positions_.begin(), new_positions_.begin() + placed_, position{0});
  cursor stop = map_.find(placed_);
  // A block that ends right here may have to go on, so its records go in one by one.
  size_t whole_blocks = stop.index == 0 && stop.block > 0 ? stop.block - 1 : stop.block;
  for (size_t b = 0; b < whole_blocks; ++b) builder_.add_block(blocks_[b]);
  for (size_t b = whole_blocks; b < blocks_.size() && map_.begin_of(b) < placed_; ++b) {
    size_t count = std::min<size_t>(blocks_[b]->size(), placed_ - map_.begin_of(b));
    for (size_t i = 0; i < count; ++i) builder_.add(blocks_[b], i);
  }
}

void scrape_pass::fail_with(error failure) {
  if (!result_.failure) result_.failure = std::move(failure);
}

}  // namespace rollcall::series
