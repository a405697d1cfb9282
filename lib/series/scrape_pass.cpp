#include "lib/series/scrape_pass.hpp"

#include <numeric>

namespace rollcall::series {

namespace {

// How many records to look ahead for a line before asking the index: enough for a family or two that went away.
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
      parser_(body),
      at_(body.data()),
      scan_end_(body.data() + (body.rfind('\n') + 1)),
      values_(before.size, absent),
      map_(blocks_),
      builder_(target),
      maker_(options, target) {}

void scrape_pass::run() {
  const char* end = body_.data() + body_.size();
  while (at_ < end) {
    if (at_ < scan_end_) run_expected();
    if (at_ < end && !take_line()) break;
  }
}

// The hot loop: takes lines for as long as each is a metadata line of the usual form or the record expected next.
void scrape_pass::run_expected() {
  const char* at = at_;
  const char* const end = scan_end_;
  auto note = before_.note_from(cursor_.at);
  next_note_ = note != before_.notes.end() ? note->at : no_position;
  for (bool goes_on = true; goes_on;) {
    const size_t block_index = cursor_.block;
    if (block_index == blocks_.size()) {
      while (at < end && *at == '#' && metadata_.skip(at, end)) {
      }
      break;
    }
    const series_block& block = *blocks_[block_index];
    const size_t size = block.size();
    const auto first = cursor_.at - static_cast<position>(cursor_.index);
    size_t i = cursor_.index;
    for (; i < size; ++i) {
      while (at < end && *at == '#' && metadata_.skip(at, end)) {
      }
      const size_t text_bytes = block.text_bytes(i);
      if (static_cast<size_t>(end - at) <= text_bytes || hash_text({at, text_bytes}, secret_) != block.text_hash(i)) {
        break;
      }
      const char* rest = at + text_bytes;
      sample read;
      if (!exposition::scan_after_series(rest, read)) break;
      const cursor here{block_index, i, first + static_cast<position>(i)};
      bool is_plain = !diverged_ && !read.has_timestamp && here.at != next_note_ &&
                      block.kind(i) == record_kind::live && appended_ < samples_max_;
      if (is_plain) {
        values_[here.at] = read.value_bits;
        ++placed_;
        ++appended_;
      } else if (!take_expected(here, read)) {
        break;
      }
      at = rest;
    }
    goes_on = i == size;
    cursor_ = {block_index + (goes_on ? 1 : 0), goes_on ? 0 : i, first + static_cast<position>(i)};
  }
  at_ = at;
}

// Takes a line that is the expected record but needs more than its value stored; false if the slow way has to.
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
  auto note = before_.note_from(here.at + 1);
  next_note_ = note != before_.notes.end() ? note->at : no_position;
  return true;
}

// Takes one entry by way of the full parser; false at the end of the body or on a failure.
bool scrape_pass::take_line() {
  parser_.seek(static_cast<size_t>(at_ - body_.data()));
  parser_.set_type(metadata_.type());
  auto entry = parser_.next();
  if (!entry) {
    fail_with(std::move(entry.error()));
    return false;
  }
  if (*entry == exposition::text_parser::entry::end) return false;
  if (*entry == exposition::text_parser::entry::sample && !take_sample()) return false;
  metadata_.set_type(parser_.type());
  at_ = body_.data() + parser_.position();
  return true;
}

bool scrape_pass::take_sample() {
  uint64_t hash = hash_text(parser_.series_text(), secret_);
  sample read = parsed_sample();
  auto expected = find_ahead(hash);
  bool is_taken = expected && diverged_ && new_positions_[expected->at] != no_position;
  bool is_duplicate = expected && blocks_[expected->block]->kind(expected->index) == record_kind::duplicate;
  if (expected && !is_taken && !is_duplicate) {
    take_known_series(*expected, read);
    return true;
  }
  ensure_index();
  const auto* found = index_->find(hash);
  if (found == nullptr) {
    take_new_series(read);
  } else if (found->origin == text_origin::before && new_position(found->at) == no_position) {
    take_known_series(map_.find(found->at), read);
  } else {
    take_repeated(hash, read);
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

void scrape_pass::fail_with(error failure) { result_.failure = std::move(failure); }

}  // namespace rollcall::series
