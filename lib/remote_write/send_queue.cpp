#include "lib/remote_write/send_queue.hpp"

#include "lib/base/assert.hpp"
#include "lib/base/earlier.hpp"
#include "lib/remote_write/compression.hpp"
#include "lib/remote_write/rewrite.hpp"

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

wire_form lesser_of(const wire_form& a, const wire_form& b) {
  return {std::min(a.message, b.message), std::min(a.compression, b.compression)};
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
  queued.request = std::move(added);
  queued.backoff = options_.window.backoff_min;
  items_.emplace(id, std::move(queued));
  if (free) make_ready(id);
  make_room();
  return id;
}

std::optional<request> send_queue::withdraw(uint64_t id) {
  auto found = items_.find(id);
  if (found == items_.end() || found->second.tag != 0) return std::nullopt;
  auto taken = found->second.request;
  forget(found);
  return taken;
}

void send_queue::make_room() {
  for (auto at = items_.begin(); counts_.samples > options_.samples_max || bytes_ > options_.bytes_max;) {
    at = std::find_if(at, items_.end(), [](const auto& entry) { return entry.second.tag == 0; });
    if (at == items_.end() || at->first == last_id_) return;
    totals_.count(&send_totals::dropped_queue_full, at->second.request);
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
  counts_ -= done.request;
  bytes_ -= done.request.body->size();
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
      totals_.count(&send_totals::dropped_too_old, chosen.request);
      finish(found, ending::dropped);
      continue;
    }
    auto form = lesser_of(chosen.request, options_.form);
    if (form != chosen.request.form()) rewrite(chosen.request, form);
    if (chosen.request.samples == 0) {
      finish(found, ending::dropped);
      continue;
    }
    ready_.erase(ready_.begin());
    chosen.turn = 0;
    chosen.tag = ++last_tag_;
    in_flight_.emplace(chosen.tag, sent{found->first, now + options_.answer_timeout});
    totals_.count(&send_totals::attempted, chosen.request);
    due.push_back({form, chosen.tag, chosen.request.body, chosen.request.samples, chosen.repeats});
  }
  return due;
}

// For a receiver that does not understand it. A request of which nothing is left has no samples.
void send_queue::rewrite(request& queued, wire_form as) {
  auto message = message_of(queued);
  if (as.message != queued.message) {
    auto rewritten = as_version_1(message);
    // What is queued was made here.
    ROLLCALL_ASSERT(rewritten);
    item_counts lost{rewritten->custom_buckets, rewritten->custom_buckets, 0};
    totals_.dropped_custom_buckets += rewritten->custom_buckets;
    counts_ -= lost;
    queued -= lost;
    message = std::move(rewritten->bytes);
  }
  bytes_ -= queued.body->size();
  static_cast<wire_form&>(queued) = as;
  queued.body = compressor().compress(as.compression, message);
  bytes_ += queued.body->size();
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

void send_queue::finish_answered(items::iterator found, ending how, const item_counts& written) {
  const auto& done = found->second.request;
  auto kept = at_most(written, done);
  item_counts rest = done;
  rest -= kept;
  totals_.count(&send_totals::delivered, kept);
  totals_.count(&send_totals::refused, rest);
  totals_.bytes += done.body->size();
  totals_.timestamp_highest = std::max(totals_.timestamp_highest, done.timestamp_highest);
  finish(found, how);
}

bool send_queue::delivered(uint64_t tag, const std::optional<item_counts>& written) {
  auto found = take_in_flight(tag);
  if (found == items_.end()) return false;
  finish_answered(found, ending::delivered, written.value_or(found->second.request));
  window_.succeeded(!ready_.empty());
  return true;
}

bool send_queue::refused(uint64_t tag, const item_counts& written) {
  auto found = take_in_flight(tag);
  if (found == items_.end()) return false;
  finish_answered(found, ending::refused, written);
  // The receiver is well, it only does not want this; but that is no reason to press it harder.
  window_.succeeded(false);
  return true;
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
