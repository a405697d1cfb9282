#include "lib/queue/durable_queue.hpp"

#include "lib/base/assert.hpp"
#include "lib/remote_write/merge.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace rollcall::queue {

using remote_write::ending;
using remote_write::item_counts;
using remote_write::request;
using remote_write::send_totals;

namespace {

// Attempts of both lanes have tags of their own: the lowest bit says whose it is.
constexpr uint64_t lanes_count = 2;
uint64_t tag_of(uint64_t lane_tag, size_t lane) { return lane_tag * lanes_count + lane; }
size_t lane_of(uint64_t tag) { return tag % lanes_count; }
uint64_t lane_tag_of(uint64_t tag) { return tag / lanes_count; }

// What is in a store is bounded as a whole, not by lane.
remote_write::send_queue_options lane_options(const durable_queue_options& options, bool has_store) {
  auto lane = options.send;
  if (!has_store) return lane;
  lane.samples_max = std::numeric_limits<uint64_t>::max();
  lane.bytes_max = std::numeric_limits<uint64_t>::max();
  return lane;
}

template <int Bits>
uint64_t at_most_bits(uint64_t value) {
  return std::min(value, (uint64_t{1} << Bits) - 1);
}

}  // namespace

durable_queue::entry::entry(uint64_t bytes, const item_counts& counts, int64_t created)
    : created_(at_most_bits<created_bits>(static_cast<uint64_t>(std::max<int64_t>(created, 0)))) {
  resize(bytes, counts);
}

void durable_queue::entry::resize(uint64_t bytes, const item_counts& counts) {
  bytes_ = at_most_bits<bytes_bits>(bytes);
  samples_ = at_most_bits<samples_bits>(counts.samples);
  histograms_ = at_most_bits<histograms_bits>(counts.histograms);
  exemplars_ = at_most_bits<exemplars_bits>(counts.exemplars);
}

durable_queue::durable_queue(durable_queue_options options)
    : options_(options),
      lanes_{remote_write::send_queue(options.send), remote_write::send_queue(options.send)},
      ledger_(options.store),
      drain_(options.drain_bytes_per_second) {}

void durable_queue::reconfigure(const durable_queue_options& options) {
  auto kept = options_;
  options_ = options;
  options_.durability = kept.durability;
  options_.order = kept.order;
  if (options.drain_bytes_per_second != kept.drain_bytes_per_second)
    drain_ = drain_rate(options.drain_bytes_per_second);
  apply_lane_options();
}

void durable_queue::apply_lane_options() {
  for (auto& lane : lanes_) lane.reconfigure(lane_options(options_, opened_));
}

// -- coming in -------------------------------------------------------------------------------------------------------

void durable_queue::push(request added, int64_t wall_now) {
  if (!is_durable() || store_failed_to_open_) {
    lanes_[new_lane()].push(std::move(added));
    return;
  }
  if (!opened_) return push_early(std::move(added));
  number_batches(added);
  merge_with_held(added);
  auto at = admit(added, wall_now);
  ledger_.end_draft();
  place(at, std::move(added));
}

void durable_queue::push_held(request added, int64_t wall_now, milliseconds until) {
  if (!opened_) return push(std::move(added), wall_now);
  number_batches(added);
  auto earlier = merge_with_held(added);
  admit(added, wall_now);
  ledger_.end_draft();
  held_ = held_request{std::move(added), std::min(until, earlier.value_or(until))};
}

void durable_queue::draft(request begun, int64_t wall_now) {
  if (!opened_) return;
  number_batches(begun);
  ledger_.draft(make_block(begun, wall_now));
}

void durable_queue::release_held() {
  if (!held_) return;
  auto released = std::move(held_->request);
  held_.reset();
  auto at = entries_.find(released.sequence);
  place(at, std::move(released));
}

void durable_queue::number_batches(request& added) const {
  for (auto& span : added.sources) {
    span.batch_first += batch_base_;
    span.batch_last += batch_base_;
  }
}

void durable_queue::push_early(request added) {
  early_counts_ += added;
  early_bytes_ += added.body->size();
  early_.push_back(std::move(added));
  while (early_bytes_ > options_.unstored_bytes_max && early_.size() > 1) {
    dropped_disk_full_ += early_.front();
    early_counts_ -= early_.front();
    early_bytes_ -= early_.front().body->size();
    early_.pop_front();
  }
}

std::deque<request> durable_queue::take_early() {
  early_counts_ = {};
  early_bytes_ = 0;
  return std::exchange(early_, {});
}

// What is held is part of what is added from here on, or goes before it. Gives the time that it was held until if it is
// part of it.
std::optional<milliseconds> durable_queue::merge_with_held(request& added) {
  if (!held_) return std::nullopt;
  bool fits = held_->request.samples + added.samples <= options_.merged_samples_max;
  if (!fits || held_->request.form() != added.form()) {
    release_held();
    return std::nullopt;
  }
  added = remote_write::merge(std::array{held_->request, added});
  ledger_.replace(held_->request.sequence, held_->request);
  forget(entries_.find(held_->request.sequence));
  return std::exchange(held_, std::nullopt)->until;
}

// Gives it a name.
block_ptr durable_queue::make_block(request& added, int64_t wall_now) {
  added.sequence = ++last_sequence_;
  block made;
  made.sequence = added.sequence;
  made.created = wall_now;
  made.request = added;
  return std::make_shared<const block>(std::move(made));
}

// Gives it a name and has it stored.
durable_queue::entries::iterator durable_queue::admit(request& added, int64_t wall_now) {
  auto made = make_block(added, wall_now);
  auto bytes = encoded_bytes(*made);
  ledger_.append(std::move(made));
  return enter(added.sequence, entry(bytes, added, wall_now));
}

durable_queue::entries::iterator durable_queue::enter(uint64_t sequence, const entry& added) {
  bytes_ += added.bytes();
  return entries_.emplace(sequence, added).first;
}

void durable_queue::place(entries::iterator at, request added) {
  auto& lane = lanes_[new_lane()];
  auto body_bytes = added.body->size();
  bool fits = lane.empty() || lane.bytes() + body_bytes <= options_.lane_bytes_max;
  if (options_.order == delivery_order::live_first) {
    if (fits || make_room_in_live_lane(body_bytes)) return enter_lane(at, std::move(added), new_lane());
  } else if (fits && resting_ == 0) {
    return enter_lane(at, std::move(added), new_lane());
  }
  rest(at);
}

void durable_queue::enter_lane(entries::iterator at, request request, size_t lane) {
  in_lanes_[lane].emplace(at->first, lanes_[lane].push(std::move(request)));
}

void durable_queue::rest(entries::iterator at) {
  at->second.set_rests(true);
  ++resting_;
  resting_counts_ += at->second.counts();
  rests_from_ = resting_ == 1 ? at->first : std::min(rests_from_, at->first);
}

void durable_queue::end_rest(entry& rested) {
  rested.set_rests(false);
  --resting_;
  resting_counts_ -= rested.counts();
}

// From its lane, unless it is under way or held. Says whether it did.
bool durable_queue::withdraw(uint64_t sequence) {
  for (size_t lane = 0; lane < lanes_.size(); ++lane) {
    auto found = in_lanes_[lane].find(sequence);
    if (found == in_lanes_[lane].end()) continue;
    if (!lanes_[lane].withdraw(found->second)) return false;
    in_lanes_[lane].erase(found);
    return true;
  }
  return false;
}

// Has the oldest live requests rest, to be taken up again with the backlog. Says whether there is room now.
bool durable_queue::make_room_in_live_lane(uint64_t bytes) {
  auto& lane = lanes_[new_lane()];
  const auto& live = in_lanes_[new_lane()];
  for (auto each = live.begin(); each != live.end() && lane.bytes() + bytes > options_.lane_bytes_max;) {
    auto sequence = each++->first;
    if (withdraw(sequence)) rest(entries_.find(sequence));
  }
  return lane.bytes() + bytes <= options_.lane_bytes_max;
}

// -- going out -------------------------------------------------------------------------------------------------------

std::vector<remote_write::attempt> durable_queue::take_due(milliseconds now, int64_t oldest) {
  std::vector<remote_write::attempt> due;
  if (held_ && held_->until <= now && !would_wait(held_->request.sources)) release_held();
  // What is live goes first.
  for (size_t lane = lanes_.size(); lane-- > 0;) {
    for (auto& attempt : lanes_[lane].take_due(now, oldest)) {
      attempt.tag = tag_of(attempt.tag, lane);
      due.push_back(std::move(attempt));
    }
    take_finished(lane);
  }
  return due;
}

const request* durable_queue::under_way(uint64_t tag) const { return lanes_[lane_of(tag)].under_way(lane_tag_of(tag)); }

bool durable_queue::delivered(uint64_t tag, const std::optional<item_counts>& written) {
  bool known = lanes_[lane_of(tag)].delivered(lane_tag_of(tag), written);
  take_finished(lane_of(tag));
  return known;
}

bool durable_queue::refused(uint64_t tag, int64_t wall_now, const std::string& why, const item_counts& written,
                            remote_write::blame about) {
  const auto* sent = under_way(tag);
  if (sent != nullptr && sent->sequence != 0) refusals_[sent->sequence] = {wall_now, why};
  bool known = lanes_[lane_of(tag)].refused(lane_tag_of(tag), written, about);
  take_finished(lane_of(tag));
  return known;
}

bool durable_queue::failed(uint64_t tag, milliseconds now, std::optional<milliseconds> hold_off) {
  return lanes_[lane_of(tag)].failed(lane_tag_of(tag), now, hold_off);
}

void durable_queue::fail_all(milliseconds now) {
  for (auto& lane : lanes_) lane.fail_all(now);
}

void durable_queue::take_narrowed(size_t lane) {
  for (auto& rest : lanes_[lane].take_narrowed()) {
    auto& known = entries_.at(rest.sequence);
    block left{rest.sequence, known.created(), std::move(rest)};
    bytes_ -= known.bytes();
    known.resize(encoded_bytes(left), left.request);
    bytes_ += known.bytes();
    ledger_.narrow(std::make_shared<const block>(std::move(left)));
  }
}

void durable_queue::take_finished(size_t lane) {
  take_narrowed(lane);
  for (const auto& done : lanes_[lane].take_finished()) {
    auto at = entries_.find(done.sequence);
    ROLLCALL_ASSERT(at != entries_.end());
    in_lanes_[lane].erase(done.sequence);
    auto words = refusals_.extract(done.sequence);
    if (done.how == ending::refused) {
      ROLLCALL_ASSERT(words);
      set_aside(done.sequence, at->second.bytes(), words.mapped().since, words.mapped().why);
    } else {
      ledger_.erase(done.sequence);
    }
    forget(at);
  }
}

durable_queue::entries::iterator durable_queue::forget(entries::iterator at) {
  bytes_ -= at->second.bytes();
  if (at->second.rests()) end_rest(at->second);
  return entries_.erase(at);
}

bool durable_queue::would_wait(std::span<const remote_write::source_span> sources) const {
  return lanes_[new_lane()].would_wait(sources);
}

item_counts durable_queue::counts() const {
  auto all = resting_counts_;
  all += early_counts_;
  if (held_) all += held_->request;
  for (const auto& lane : lanes_) all += lane.counts();
  return all;
}

remote_write::send_totals durable_queue::totals() const {
  auto all = lanes_[0].totals();
  all += lanes_[1].totals();
  all.count(&send_totals::dropped_queue_full, dropped_disk_full_);
  all.count(&send_totals::dropped_queue_full, dropped_damaged_);
  all.count(&send_totals::dropped_too_old, dropped_too_old_);
  return all;
}

}  // namespace rollcall::queue
