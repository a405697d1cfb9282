#include "lib/base/assert.hpp"
#include "lib/base/earlier.hpp"
#include "lib/queue/durable_queue.hpp"

#include <algorithm>

/// The side of a durable queue that deals with its store.
namespace rollcall::queue {

namespace {

constexpr milliseconds backlog_age_min(1000);

}  // namespace

// -- bounds ----------------------------------------------------------------------------------------------------------

// Not while it is under way; then it is finished soon, or comes back.
bool durable_queue::drop(entries::iterator at, remote_write::item_counts& reason) {
  if (!at->second.rests() && !withdraw(at->first)) return false;
  reason += at->second.counts();
  ledger_.erase(at->first);
  forget(at);
  return true;
}

void durable_queue::enforce_bounds(int64_t wall_now) {
  auto oldest = options_.age_max.count() > 0 ? wall_now - options_.age_max.count() : INT64_MIN;
  for (auto at = entries_.begin(); at != entries_.end();) {
    auto sequence = at->first;
    bool too_old = at->second.created() < oldest;
    bool full = bytes_ > options_.disk_bytes_max && std::next(at) != entries_.end();
    if (!too_old && !full) break;
    drop(at, too_old ? dropped_too_old_ : dropped_disk_full_);
    at = entries_.upper_bound(sequence);
  }
  bound_unstored();
}

// What the store is busy with stays in memory whether it is dropped or not.
void durable_queue::bound_unstored() {
  if (ledger_.unstored_bytes() <= options_.unstored_bytes_max) return;
  for (auto sequence : ledger_.untaken_sequences()) {
    if (ledger_.unstored_bytes() <= options_.unstored_bytes_max) break;
    auto at = entries_.find(sequence);
    if (at == entries_.end()) {
      discard(sequence);  // It was to be set aside.
    } else {
      drop(at, dropped_disk_full_);
    }
  }
}

void durable_queue::set_aside(uint64_t sequence, uint64_t bytes, int64_t wall_now, const std::string& why) {
  ledger_.set_aside({sequence, wall_now, why});
  set_aside_.push_back({sequence, wall_now, bytes, why});
  set_aside_bytes_ += bytes;
  bound_set_aside();
}

void durable_queue::bound_set_aside() {
  auto kept = set_aside_.begin();
  for (; kept != set_aside_.end() && set_aside_bytes_ > options_.set_aside_bytes_max; ++kept) {
    ledger_.erase_set_aside(kept->sequence);
    set_aside_bytes_ -= kept->bytes;
  }
  set_aside_.erase(set_aside_.begin(), kept);
}

// -- work ------------------------------------------------------------------------------------------------------------

// What rests for the sake of a burst is gone before it need be stored.
bool durable_queue::has_backlog(int64_t wall_now) const {
  return resting_ > 0 && entries_.begin()->second.created() <= wall_now - backlog_age_min.count();
}

std::optional<store_work> durable_queue::take_work(milliseconds now, int64_t wall_now) {
  ledger_.set_backlog(has_backlog(wall_now));
  if (!is_durable()) return std::nullopt;
  enforce_bounds(wall_now);
  if (!ledger_.may_begin(now)) return std::nullopt;
  if (!opened_) return ledger_.begin(store_work::kind::open, {}, now);
  return ledger_.begin(store_work::kind::change, choose_wanted(now), now);
}

std::optional<journal_note> durable_queue::take_note() { return opened_ ? ledger_.take_note() : std::nullopt; }

// The oldest that rest, as many as there is room for. They are taken up in order: one that the store does not have yet
// needs no reading, but waits until those before it are read.
std::vector<uint64_t> durable_queue::choose_wanted(milliseconds now) {
  std::vector<uint64_t> wanted;
  load_due_.reset();
  auto& lane = lanes_[0];
  auto bytes = lane.bytes();
  if (resting_ == 0 || bytes > options_.lane_bytes_max / 2) return wanted;
  auto first = entries_.lower_bound(rests_from_);
  while (!first->second.rests()) ++first;
  rests_from_ = first->first;
  for (auto at = first; at != entries_.end() && resting_ > wanted.size(); ++at) {
    if (!at->second.rests()) continue;
    bytes += at->second.bytes();
    bool fits = bytes <= options_.lane_bytes_max || (wanted.empty() && lane.empty());
    auto unstored = ledger_.unstored(at->first);
    if (!fits || (unstored && !wanted.empty())) break;
    if (!drain_.take(at->second.bytes(), now)) {
      load_due_ = drain_.opens_at();
      break;
    }
    if (!unstored) {
      wanted.push_back(at->first);
      continue;
    }
    end_rest(at->second);
    enter_lane(at, unstored->request, 0);
  }
  return wanted;
}

void durable_queue::work_done(store_answer& answer, milliseconds now, int64_t wall_now) {
  auto work = ledger_.finish(answer, now);
  if (!work) return;
  if (work->what == store_work::kind::open) {
    if (answer.failure) return go_without_store();
    return opened(answer.contents, wall_now);
  }
  take_read(answer.read, now, wall_now);
  take_released(answer.read_set_aside, wall_now);
}

// Until it can be opened, what comes is delivered from memory alone.
void durable_queue::go_without_store() {
  store_failed_to_open_ = true;
  for (auto& each : take_early()) lanes_[new_lane()].push(std::move(each));
}

void durable_queue::opened(const queue_contents& contents, int64_t wall_now) {
  opened_ = true;
  store_failed_to_open_ = false;
  last_sequence_ = contents.last_appended;
  dropped_damaged_ += contents.lost;
  for (const auto& found : contents.blocks) {
    rest(enter(found.sequence, entry(found.bytes, found, found.created)));
    batch_base_ = std::max(batch_base_, found.batch_highest);
    last_sequence_ = std::max(last_sequence_, found.sequence);
  }
  for (const auto& found : contents.set_aside) {
    set_aside_.push_back(found);
    set_aside_bytes_ += found.bytes;
    last_sequence_ = std::max(last_sequence_, found.sequence);
  }
  for (auto sequence : contents.damaged) {
    set_aside(sequence, 0, wall_now, "its summary is damaged");
    last_sequence_ = std::max(last_sequence_, sequence);
  }
  apply_lane_options();
  for (auto& each : take_early()) push(std::move(each), wall_now);
}

// A block that may be read later holds up those behind it, or their order would be lost.
void durable_queue::take_read(std::vector<stored_block>& read, milliseconds now, int64_t wall_now) {
  for (auto& each : read) {
    auto at = entries_.find(each.sequence);
    if (at == entries_.end() || !at->second.rests()) continue;
    if (each.content) {
      end_rest(at->second);
      enter_lane(at, std::move(each.content->request), 0);
      continue;
    }
    const auto& trouble = each.content.error();
    if (trouble.code == errc::io) {
      ledger_.pause(now);
      load_due_ = ledger_.opens_at();
      return;
    }
    dropped_damaged_ += at->second.counts();
    if (trouble.code == errc::not_found) {
      ledger_.erase(each.sequence);
    } else {
      set_aside(each.sequence, at->second.bytes(), wall_now, trouble.message);
    }
    forget(at);
  }
}

void durable_queue::take_released(std::vector<stored_block>& read, int64_t wall_now) {
  for (auto& each : read) {
    if (!each.content || !forget_set_aside(each.sequence)) continue;
    release_held();
    ledger_.replace_set_aside(each.sequence);
    auto at = admit(each.content->request, wall_now);
    place(at, std::move(each.content->request));
  }
}

bool durable_queue::release(uint64_t sequence) {
  auto is_it = [&](const set_aside_block& each) { return each.sequence == sequence; };
  if (std::none_of(set_aside_.begin(), set_aside_.end(), is_it)) return false;
  ledger_.want_set_aside(sequence);
  return true;
}

bool durable_queue::discard(uint64_t sequence) {
  if (!forget_set_aside(sequence)) return false;
  ledger_.erase_set_aside(sequence);
  return true;
}

bool durable_queue::forget_set_aside(uint64_t sequence) {
  auto found = std::find_if(set_aside_.begin(), set_aside_.end(),
                            [&](const set_aside_block& each) { return each.sequence == sequence; });
  if (found == set_aside_.end()) return false;
  set_aside_bytes_ -= found->bytes;
  set_aside_.erase(found);
  return true;
}

std::optional<milliseconds> durable_queue::next_due() const {
  auto next = earlier(lanes_[0].next_due(), lanes_[1].next_due());
  // What has to wait goes on with an answer, not with time.
  if (held_ && !would_wait(held_->request.sources)) next = earlier(next, held_->until);
  return next;
}

std::optional<milliseconds> durable_queue::next_work_due() const {
  if (!is_durable()) return std::nullopt;
  if (!opened_) return ledger_.opens_at();
  auto next = ledger_.next_due();
  return ledger_.opens_at() ? earlier(next, load_due_) : next;
}

durable_queue_figures durable_queue::figures() const {
  durable_queue_figures figures;
  figures.blocks = entries_.size();
  figures.bytes = bytes_;
  if (!entries_.empty()) figures.oldest_created = entries_.begin()->second.created();
  figures.unstored_bytes = ledger_.unstored_bytes();
  figures.dropped_disk_full = dropped_disk_full_.samples;
  figures.dropped_too_old = dropped_too_old_.samples;
  figures.dropped_damaged = dropped_damaged_.samples;
  figures.store_failures = ledger_.failures();
  figures.set_aside_blocks = set_aside_.size();
  figures.set_aside_bytes = set_aside_bytes_;
  return figures;
}

}  // namespace rollcall::queue
