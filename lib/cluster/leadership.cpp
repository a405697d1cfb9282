#include "lib/cluster/leadership.hpp"

#include "lib/base/assert.hpp"

#include <algorithm>
#include <utility>

namespace rollcall::cluster {

std::optional<leadership::step> leadership::next(int64_t steady, int64_t wall) {
  if (is_waiting_ || steady < due_) return std::nullopt;
  auto chosen = choose(steady, wall);
  is_waiting_ = true;
  asked_at_ = steady;
  due_ = steady + period().count();
  const auto* asked = std::get_if<write>(&chosen);
  asked_for_ = asked ? std::optional(asked->wanted) : std::nullopt;
  return chosen;
}

leadership::step leadership::choose(int64_t steady, int64_t wall) {
  if (!is_known_) return read{};
  if (has_resigned_) {
    if (!is_ours()) return read{};
    auto given_up = renewed();
    given_up.holder.clear();
    return write{known_.version, given_up};
  }
  if (epoch_led(steady)) return write{known_.version, renewed()};
  if (may_take(steady)) return write{known_.version, taken(wall)};
  return read{};
}

// One's own mandate counts as nobody's once its time was over: whatever was begun in its epoch is over, too.
bool leadership::may_take(int64_t steady) const {
  if (!known_.held || known_.held->holder.empty() || is_ours()) return true;
  return steady - known_since_ >= known_.held->lease.count();
}

mandate leadership::renewed() const {
  auto next = *known_.held;
  ++next.renewals;
  return next;
}

// Seconds of the wall clock are higher than the epochs of all who led without this arbiter.
mandate leadership::taken(int64_t wall) const {
  auto before = std::max({known_.held ? known_.held->epoch : 0, epoch_led_, epoch_heard_});
  auto epoch = std::max(before + 1, static_cast<uint64_t>(std::max<int64_t>(wall, 0) / 1000));
  return {std::min(epoch, epoch_max), options_.holder, options_.address, options_.lease, 0};
}

void leadership::on_content(const register_content& content, int64_t steady) {
  is_waiting_ = false;
  if (!is_known_ || content.version != known_.version) {
    // What is read again unchanged after a failure has been the same all the time: versions do not come back.
    if (content.version != known_.version) known_since_ = steady;
    known_ = content;
    is_known_ = true;
  }
  bool is_leading = epoch_led(steady).has_value();
  if (is_leading && (!is_ours() || known_.held->epoch != epoch_led_)) leads_until_ = 0;
  if (!has_resigned_ && (is_leading || may_take(steady))) due_ = steady;
}

void leadership::on_outcome(const write_outcome& outcome, int64_t steady) {
  is_waiting_ = false;
  ROLLCALL_ASSERT(asked_for_.has_value());
  if (!outcome.is_written) {
    is_known_ = false;
    due_ = steady;
    return;
  }
  known_ = {outcome.version, std::exchange(asked_for_, std::nullopt)};
  known_since_ = steady;
  if (has_resigned_ || !is_ours() || known_.held->epoch < epoch_heard_) return;
  epoch_led_ = known_.held->epoch;
  leads_until_ = asked_at_ + (steps_per_lease - 1) * period().count();
}

void leadership::on_failure() {
  is_waiting_ = false;
  is_known_ = false;
}

void leadership::hear_of(uint64_t epoch) {
  // Beyond that nobody can lead, so nobody has.
  if (epoch >= epoch_max) return;
  epoch_heard_ = std::max(epoch_heard_, epoch);
  if (epoch_heard_ > epoch_led_) leads_until_ = 0;
}

void leadership::resign() {
  has_resigned_ = true;
  leads_until_ = 0;
  due_ = 0;
}

std::optional<uint64_t> leadership::epoch_led(int64_t steady) const {
  if (steady >= leads_until_) return std::nullopt;
  return epoch_led_;
}

}  // namespace rollcall::cluster
