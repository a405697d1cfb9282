#include "lib/remote_write/send_queue.hpp"

#include "lib/base/assert.hpp"
#include "lib/base/earlier.hpp"
#include "lib/remote_write/merge.hpp"

#include <algorithm>
#include <iterator>

namespace rollcall::remote_write {

namespace {

// A receiver may claim to have written more than it was sent.
item_counts at_most(const item_counts& claimed, const item_counts& sent) {
  auto floats = std::min(claimed.floats(), sent.floats());
  auto histograms = std::min(claimed.histograms, sent.histograms);
  auto exemplars = std::min(claimed.exemplars, sent.exemplars);
  return {floats + histograms + exemplars, histograms, exemplars};
}

}  // namespace

fate_totals& fate_totals::operator+=(const fate_totals& more) {
  attempted += more.attempted;
  delivered += more.delivered;
  retried += more.retried;
  refused += more.refused;
  dropped_queue_full += more.dropped_queue_full;
  dropped_too_old += more.dropped_too_old;
  return *this;
}

send_totals& send_totals::operator+=(const send_totals& more) {
  fate_totals::operator+=(more);
  histograms += more.histograms;
  exemplars += more.exemplars;
  dropped_custom_buckets += more.dropped_custom_buckets;
  bytes += more.bytes;
  timestamp_highest = std::max(timestamp_highest, more.timestamp_highest);
  return *this;
}

send_queue::send_queue(send_queue_options options) : options_(options), window_(options.window) {}

void send_queue::reconfigure(send_queue_options options) {
  options_ = options;
  window_.reconfigure(options.window);
  make_room();
}

uint64_t send_queue::push(request added) {
  ROLLCALL_ASSERT(added.body && added.samples > 0);
  uint64_t id = ++last_id_;
  counts_ += added;
  bytes_ += added.body->size();
  bool free = order_.add(id, added.sources);
  item queued;
  queued.unsettled = added;
  queued.bytes = added.body->size();
  queued.request = std::move(added);
  queued.backoff = options_.window.backoff_min;
  items_.emplace(id, std::move(queued));
  if (free) make_ready(id);
  make_room();
  return id;
}

std::optional<request> send_queue::withdraw(uint64_t id) {
  auto found = items_.find(id);
  if (found == items_.end() || found->second.tag != 0 || found->second.search) return std::nullopt;
  auto taken = found->second.request;
  forget(found);
  return taken;
}

void send_queue::make_room() {
  for (auto at = items_.begin(); counts_.samples > options_.samples_max || bytes_ > options_.bytes_max;) {
    at = std::find_if(at, items_.end(), [](const auto& entry) { return entry.second.tag == 0; });
    if (at == items_.end() || at->first == last_id_) return;
    settle(at->second, &send_totals::dropped_queue_full, at->second.unsettled);
    at = finish(at, ending::dropped);
  }
}

send_queue::items::iterator send_queue::finish(items::iterator found, ending how) {
  if (auto sequence = found->second.request.sequence) finished_.push_back({sequence, how});
  return forget(found);
}

// Lets those go that waited for it.
send_queue::items::iterator send_queue::forget(items::iterator found) {
  auto& [id, done] = *found;
  ROLLCALL_ASSERT(done.tag == 0);
  ready_.erase(done.turn);
  asleep_.erase({done.sleeps_until, id});
  counts_ -= done.unsettled;
  bytes_ -= done.bytes;
  std::vector<uint64_t> freed;
  order_.remove(id, done.request.sources, freed);
  for (auto next : freed) make_ready(next);
  return items_.erase(found);
}

void send_queue::make_ready(uint64_t id) {
  auto turn = ++last_turn_;
  items_.at(id).turn = turn;
  ready_.emplace(turn, id);
}

void send_queue::wake(milliseconds now) {
  while (!asleep_.empty() && asleep_.begin()->first <= now) {
    make_ready(asleep_.begin()->second);
    asleep_.erase(asleep_.begin());
  }
}

std::vector<attempt> send_queue::take_due(milliseconds now, int64_t oldest) {
  // Tags ascend with time, but the timeout may have been changed in between: look at all.
  std::vector<uint64_t> unanswered;
  for (const auto& [tag, attempt] : in_flight_) {
    if (attempt.answer_due <= now) unanswered.push_back(tag);
  }
  for (auto tag : unanswered) failed(tag, now, std::nullopt);
  wake(now);
  std::vector<attempt> due;
  if (!window_.open(now)) return due;
  while (!ready_.empty() && in_flight_.size() < window_.size()) {
    auto found = items_.find(ready_.begin()->second);
    auto& chosen = found->second;
    if (chosen.request.timestamp_highest < oldest) {
      settle(chosen, &send_totals::dropped_too_old, chosen.unsettled);
      finish(found, ending::dropped);
      continue;
    }
    ready_.erase(ready_.begin());
    chosen.turn = 0;
    auto form = lesser_of(chosen.request, options_.form);
    if (form != chosen.request.form()) rewrite(chosen, form);
    if (chosen.request.samples == 0) {
      go_on(found, ending::dropped);
      continue;
    }
    chosen.tag = ++last_tag_;
    in_flight_.emplace(chosen.tag, sent{found->first, now + options_.answer_timeout});
    totals_.count(&send_totals::attempted, chosen.request);
    due.push_back({form, chosen.tag, chosen.request.body, chosen.request.samples, chosen.repeats});
  }
  return due;
}

// For a receiver that does not understand it. A request of which nothing is left has no samples.
void send_queue::rewrite(item& queued, wire_form as) {
  auto before = queued.request.body->size();
  item_counts lost;
  lost.samples = lost.histograms = lower(queued.request, as);
  totals_.dropped_custom_buckets += lost.histograms;
  counts_ -= lost;
  queued.unsettled -= lost;
  auto change = queued.request.body->size() - before;
  queued.bytes += change;
  bytes_ += change;
}

// Says what became of some of its items.
void send_queue::settle(item& of, fate_counter fate, item_counts items) {
  totals_.count(fate, items);
  counts_ -= items;
  of.unsettled -= items;
}

// The request of an attempt that is under way, which it is no longer; or end.
send_queue::items::iterator send_queue::take_in_flight(uint64_t tag) {
  auto attempt = in_flight_.find(tag);
  if (attempt == in_flight_.end()) return items_.end();
  auto found = items_.find(attempt->second.id);
  in_flight_.erase(attempt);
  found->second.tag = 0;
  return found;
}

const request* send_queue::under_way(uint64_t tag) const {
  auto attempt = in_flight_.find(tag);
  return attempt == in_flight_.end() ? nullptr : &items_.at(attempt->second.id).request;
}

void send_queue::count_answer(item& answered, const item_counts& written) {
  auto kept = at_most(written, answered.request);
  item_counts rest = answered.request;
  rest -= kept;
  settle(answered, &send_totals::delivered, kept);
  settle(answered, &send_totals::refused, rest);
}

void send_queue::count_body(const request& answered) {
  totals_.bytes += answered.body->size();
  totals_.timestamp_highest = std::max(totals_.timestamp_highest, answered.timestamp_highest);
}

bool send_queue::delivered(uint64_t tag, const std::optional<item_counts>& written) {
  auto found = take_in_flight(tag);
  if (found == items_.end()) return false;
  auto& answered = found->second;
  may_want_parts_ = true;
  ++accepted_;
  count_body(answered.request);
  count_answer(answered, written.value_or(answered.request));
  if (answered.search) narrow(*answered.search, answered.request.sequence);
  go_on(found, ending::delivered);
  window_.succeeded(!ready_.empty());
  return true;
}

bool send_queue::refused(uint64_t tag, const item_counts& written, blame about) {
  auto found = take_in_flight(tag);
  if (found == items_.end()) return false;
  auto& answered = found->second;
  count_body(answered.request);
  bool has_chosen = written.samples > 0;
  if (has_chosen || (!answered.search && (about == blame::request || !may_want_parts_))) {
    count_answer(answered, written);
    if (answered.search) answered.search->left_over(answered.request);
  } else if (answered.search) {
    answered.search->refused(answered.request);
    if (about == blame::request) answered.search->give_up();
  } else {
    answered.search = std::make_unique<part_search>(answered.request);
    answered.accepted_before = accepted_;
  }
  go_on(found, ending::refused);
  // The receiver is well, it only does not want this; but that is no reason to press it harder.
  window_.succeeded(false);
  return true;
}

// With its next part, if it is sent in parts.
void send_queue::go_on(items::iterator found, ending how) {
  auto& divided = found->second;
  if (!divided.search) {
    finish(found, how);
    return;
  }
  auto part = divided.search->next();
  if (!part) return end_search(found);
  divided.request = std::move(*part);
  divided.backoff = options_.window.backoff_min;
  divided.repeats = 0;
  make_ready(found->first);
}

void send_queue::narrow(part_search& search, uint64_t sequence) {
  search.accepted();
  if (sequence == 0) return;
  if (auto rest = search.rest()) narrowed_.push_back(std::move(*rest));
}

void send_queue::end_search(items::iterator found) {
  auto& divided = found->second;
  settle(divided, &send_totals::refused, divided.unsettled);
  if (divided.search->was_in_vain() && accepted_ == divided.accepted_before) may_want_parts_ = false;
  finish(found, divided.search->has_rest() ? ending::refused : ending::delivered);
}

bool send_queue::failed(uint64_t tag, milliseconds now, std::optional<milliseconds> hold_off) {
  auto found = take_in_flight(tag);
  if (found == items_.end()) return false;
  repeat_later(found, now, hold_off);
  return true;
}

void send_queue::fail_all(milliseconds now) {
  while (!in_flight_.empty()) failed(in_flight_.begin()->first, now, std::nullopt);
}

void send_queue::repeat_later(items::iterator found, milliseconds now, std::optional<milliseconds> hold_off) {
  auto& again = found->second;
  if (hold_off) hold_off = std::min(*hold_off, options_.hold_off_max);
  auto sleep = hold_off.value_or(again.backoff);
  again.backoff = std::clamp(2 * sleep, options_.window.backoff_min, options_.window.backoff_max);
  again.sleeps_until = now + sleep;
  ++again.repeats;
  totals_.count(&send_totals::retried, again.request);
  asleep_.emplace(again.sleeps_until, found->first);
  window_.failed(now, hold_off);
}

std::optional<milliseconds> send_queue::next_due() const {
  std::optional<milliseconds> next;
  if (in_flight_.size() < window_.size()) {
    if (!ready_.empty()) next = window_.opens_at();
    if (!asleep_.empty()) next = earlier(next, std::max(window_.opens_at(), asleep_.begin()->first));
  }
  for (const auto& [tag, attempt] : in_flight_) next = earlier(next, attempt.answer_due);
  return next;
}

}  // namespace rollcall::remote_write
