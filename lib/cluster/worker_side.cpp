#include "lib/cluster/worker_side.hpp"

#include "lib/cluster/mandate.hpp"
#include "lib/targets/schedule.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace rollcall::cluster {

namespace {

int64_t tick_after(const loop_plan& plan, int64_t time) {
  return next_due(milliseconds(time), plan.interval, plan.phase).count();
}

// The first tick at or after a time.
int64_t tick_from(const loop_plan& plan, int64_t time) { return tick_after(plan, time - 1); }

// How long unacknowledged items wait before they are sent again, in shares of the lease.
constexpr int retries_per_lease = 2;

}  // namespace

introduction worker_side::introduce(int64_t steady) {
  is_accepted_ = false;
  introduction words;
  words.attempt = ++attempt_;
  words.incarnation = options_.incarnation;
  words.epoch = epoch_;
  words.session = link_ ? link_->session() : 0;
  words.is_lapsed = !is_member(steady);
  for (const auto& [which, entry] : loops_)
    words.held.push_back(
        {which, entry.plan.key, entry.digest, entry.cut.value_or(0), entry.now == loop::phase::retired});
  return words;
}

bool worker_side::accept(const acceptance& answer) {
  if (answer.attempt != attempt_ || answer.epoch < epoch_) return false;
  is_accepted_ = true;
  epoch_ = answer.epoch;
  lease_ = answer.lease;
  keeps_copies_ = answer.keeps_copies;
  if (link_ && link_->session() == answer.session) return true;
  link_.emplace(answer.session, lease_ / retries_per_lease);
  for (auto which : answer.disowned) on(disown{which}, 0);
  if (leaving_) push(leaving{});
  return true;
}

result<bool> worker_side::take(const frame& received, int64_t steady, int64_t wall) {
  if (!is_accepted_ || received.session != link_->session()) return false;
  if (received.session >> epoch_shift < epoch_) return false;
  auto items = link_->take(received);
  // An echo renews the lease from when the echoed frame was sent, which is before the coordinator took note of it.
  if (link_->echoed() != 0) lease_from_ = std::max(lease_from_.value_or(0), link_->echoed());
  if (items) {
    auto orders = decode_directives(*items);
    if (!orders) return tl::unexpected(orders.error());
    for (const auto& order : *orders) std::visit([&](const auto& each) { on(each, wall); }, order);
  }
  run_ticks(steady, wall);
  return received.sequence != 0 || link_->has_work(steady);
}

std::optional<frame> worker_side::make_frame(int64_t steady) {
  if (!is_accepted_) return std::nullopt;
  return link_->make_frame(steady);
}

// -- directives -------------------------------------------------------------------------------------------------------

void worker_side::on(const define& order, int64_t) { host_.define(order.settings, order.bytes); }

void worker_side::on(const run& order, int64_t wall) {
  auto [place, added] = loops_.try_emplace(order.which);
  if (!added) return;
  auto& entry = place->second;
  entry.plan = order.plan;
  entry.digest = digest(order.plan);
  entry.first_tick = order.first_tick;
  host_.start(order);
  // A tick that has passed since the first one is made up for: nobody else scrapes it.
  auto last_passed = tick_after(entry.plan, wall) - entry.plan.interval.count();
  set_next(order.which, entry, std::max(order.first_tick, last_passed) - 1);
}

void worker_side::on(const change& order, int64_t wall) {
  auto* entry = find(order.which);
  if (!entry) return;
  bool same_ticks = entry->plan.interval == order.plan.interval && entry->plan.phase == order.plan.phase;
  entry->plan = order.plan;
  entry->digest = digest(order.plan);
  host_.change(order.which, order.plan);
  if (!same_ticks && entry->now != loop::phase::collecting) set_next(order.which, *entry, wall);
}

void worker_side::on(const yield& order, int64_t wall) {
  auto* entry = find(order.which);
  // It has failed, so there is nothing to wait for.
  if (!entry) return push(yielded{order.which, {}});
  if (!entry->cut) {
    auto last = entry->last_tick ? *entry->last_tick + 1 : entry->first_tick;
    entry->cut = tick_from(entry->plan, std::max(wall + order.lead.count(), last));
  }
  push(yielding{order.which, *entry->cut});
  if (entry->now == loop::phase::collecting) return;
  if (entry->now == loop::phase::running && entry->next_tick < *entry->cut) return;
  entry->now = loop::phase::collecting;
  wheel_.remove(order.which);
  host_.collect(order.which);
}

void worker_side::on(const bequeath& order, int64_t) {
  if (find(order.which)) host_.inherit(order.which, order.state);
}

void worker_side::on(const retire& order, int64_t wall) {
  auto* entry = find(order.which);
  if (!entry) return push(yielded{order.which, {}});
  // What is being collected has no more to say here: the state goes where the coordinator sends it.
  if (entry->now == loop::phase::collecting) return;
  entry->cut.reset();
  entry->now = loop::phase::retired;
  set_next(order.which, *entry, std::max(wall, entry->last_tick.value_or(wall)));
  host_.retire(order.which, find(order.heir) ? order.heir : no_tenancy);
}

void worker_side::on(const disown& order, int64_t) {
  if (!find(order.which)) return;
  host_.drop(order.which);
  forget(order.which);
}

void worker_side::on(const configure& order, int64_t) { host_.configure(order.bytes); }

void worker_side::on(const dismiss&, int64_t) { host_.dismissed(); }

// -- ticks ------------------------------------------------------------------------------------------------------------

void worker_side::set_next(tenancy which, loop& entry, int64_t after) {
  entry.next_tick = tick_after(entry.plan, after);
  wheel_.set(which, entry.next_tick);
}

// After a step of the wall clock no time in the wheel means anything any more.
void worker_side::reset_after_clock_step(int64_t steady, int64_t wall) {
  auto offset = wall - steady;
  bool stepped = clock_offset_ && std::abs(offset - *clock_offset_) > options_.clock_step_max.count();
  clock_offset_ = offset;
  if (!stepped) return;
  for (auto& [which, entry] : loops_) {
    entry.last_tick.reset();
    if (entry.now != loop::phase::collecting) set_next(which, entry, wall);
  }
}

void worker_side::deliver(tenancy which, int64_t scheduled, int64_t steady, int64_t wall) {
  auto* entry = find(which);
  if (!entry) return;
  set_next(which, *entry, std::max(wall, scheduled));
  if (entry->now == loop::phase::retired) {
    // Without a lease its target may be back, with somebody else who has seen to its series.
    if (is_member(steady)) host_.tick(which, scheduled);
    return;
  }
  bool promised_away = entry->cut && scheduled >= *entry->cut;
  if (!promised_away && scheduled >= entry->first_tick && holds_lease(steady)) {
    entry->last_tick = scheduled;
    host_.tick(which, scheduled);
  }
  if (!entry->cut || entry->next_tick < *entry->cut) return;
  entry->now = loop::phase::collecting;
  wheel_.remove(which);
  host_.collect(which);
}

void worker_side::run_ticks(int64_t steady, int64_t wall) {
  reset_after_clock_step(steady, wall);
  // Timers may fire up to a millisecond before the wall clock's truncated one.
  for (const auto& fired : wheel_.take_due(wall + 1)) deliver(fired.which, fired.due, steady, wall);
}

bool worker_side::is_member(int64_t steady) const { return lease_from_ && steady < *lease_from_ + lease_.count(); }

bool worker_side::holds_lease(int64_t steady) const {
  return options_.policy == lease_policy::available || is_member(steady);
}

// -- what the host says -----------------------------------------------------------------------------------------------

worker_side::loop* worker_side::find(tenancy which) {
  auto found = loops_.find(which);
  return found == loops_.end() ? nullptr : &found->second;
}

void worker_side::forget(tenancy which) {
  loops_.erase(which);
  wheel_.remove(which);
}

void worker_side::push(const notice& item) {
  if (!link_) return;
  std::string bytes;
  append(bytes, item);
  link_->push(std::move(bytes));
}

void worker_side::collected(tenancy which, std::string state) {
  if (!find(which)) return;
  forget(which);
  if (state.size() > state_bytes_max) state.clear();
  push(yielded{which, std::move(state)});
}

void worker_side::ended(tenancy which) {
  auto* entry = find(which);
  // Nobody else has to look after its series any more.
  if (entry && entry->now == loop::phase::retired) push(yielded{which, {}});
  forget(which);
}

void worker_side::observe(tenancy which, std::string bytes) {
  if (find(which)) push(observed{which, std::move(bytes)});
}

void worker_side::copy(tenancy which, std::string state) {
  auto* entry = find(which);
  // Of one that is about to end everything is told anyway.
  if (!entry || entry->now != loop::phase::running || !keeps_copies_) return;
  if (state.size() > copy_bytes_max) state.clear();
  push(copied{which, std::move(state)});
}

void worker_side::leave() {
  if (std::exchange(leaving_, true)) return;
  push(leaving{});
}

}  // namespace rollcall::cluster
