#include "lib/cluster/election.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace rollcall::cluster {

namespace {

// How long it is sure of a promise, from when it asked for it. The rest is for clocks that run at different speeds.
constexpr int sure_percent_of_lease = 75;
// How long a candidate keeps those who promised while they are too few, and as much again by chance.
constexpr int patience_percent_of_lease = 50;

}  // namespace

election::election(election_options options) : options_(std::move(options)) {
  for (const auto& each : options_.voters) sure_until_[each] = 0;
}

// -- candidacies ------------------------------------------------------------------------------------------------------

void election::give_up() {
  stood_at_.reset();
  hopes_since_.reset();
  is_elected_ = false;
  leads_until_ = 0;
  for (auto& [voter, until] : sure_until_) until = 0;
}

void election::lapse(int64_t steady) {
  if (is_elected_ && steady >= leads_until_) give_up();
}

// Seconds of the wall clock are higher than the epochs of all who led with another arbiter, or whom voters forgot.
void election::stand(int64_t steady, int64_t wall, double chance) {
  auto hopes_since = hopes_since_;
  bool has_promises =
      std::any_of(sure_until_.begin(), sure_until_.end(), [&](const auto& each) { return steady < each.second; });
  give_up();
  if (has_promises) hopes_since_ = hopes_since;
  auto seconds = static_cast<uint64_t>(std::max<int64_t>(wall, 0) / 1000);
  auto next = std::max({epoch_ + 1, epoch_heard_ + 1, seconds});
  if (next > epoch_max) return;
  epoch_ = next;
  stood_at_ = steady;
  auto patience = static_cast<double>(share_of_lease(patience_percent_of_lease));
  if (!hopes_since_) patience_ = static_cast<int64_t>(patience * (1 + chance));
}

// Whether promises in this epoch can still make it lead, or lead on.
bool election::is_open(int64_t steady) const {
  if (!stood_at_ || has_resigned_) return false;
  return is_elected_ || (epoch_ > epoch_heard_ && steady - *stood_at_ < share_of_lease(age_percent_max));
}

candidacy election::standing(int64_t steady) const {
  return {epoch_, options_.holder, options_.address, options_.lease, steady, is_elected_};
}

std::optional<candidacy> election::despair(int64_t steady) {
  lapse(steady);
  if (is_elected_ || !stood_at_ || !hopes_since_ || steady - *hopes_since_ < patience_) return std::nullopt;
  auto given_back = standing(steady);
  give_up();
  return given_back;
}

std::optional<candidacy> election::resign() {
  has_resigned_ = true;
  give_up();
  if (epoch_ == 0) return std::nullopt;
  return candidacy{epoch_, options_.holder, options_.address, options_.lease, 0, false};
}

void election::hear_of(uint64_t epoch) {
  // Beyond that nobody can lead, so nobody has.
  if (epoch > epoch_max) return;
  epoch_heard_ = std::max(epoch_heard_, epoch);
  if (epoch > epoch_) give_up();
}

// -- promises ---------------------------------------------------------------------------------------------------------

bool election::is_mine(const candidacy& promised) const {
  return promised.holder == options_.holder && promised.epoch == epoch_;
}

reception election::receive(const std::string& voter, const vote& said, int64_t steady, int64_t wall, double chance) {
  lapse(steady);
  if (has_resigned_) return {};
  bool is_counted = said.promised && is_mine(*said.promised) && is_open(steady);
  // Its own epoch is no news, unless that was promised to somebody else.
  if (!is_counted || said.heard != epoch_) epoch_heard_ = std::max(epoch_heard_, said.heard);
  if (said.is_binding && said.promised->holder != options_.holder) {
    if (said.promised->is_elected) known_leader_ = said.promised;
    return {};
  }
  if (is_counted) count(voter, said.promised->stamp, steady);
  if (is_elected_ && is_counted) return {reception::kind::join, {}};
  if (!is_open(steady)) stand(steady, wall, chance);
  if (!stood_at_) return {};
  return {reception::kind::wait, standing(steady)};
}

void election::renew(const std::string& voter, int64_t stamp, int64_t steady) {
  lapse(steady);
  if (is_elected_ && is_voter(voter)) count(voter, stamp, steady);
}

void election::count(const std::string& voter, int64_t stamp, int64_t steady) {
  // Nothing was asked for by then, or not yet.
  if (stamp <= 0 || stamp > steady) return;
  auto& until = sure_until_.at(voter);
  until = std::max(until, stamp + share_of_lease(sure_percent_of_lease));
  std::vector<int64_t> times;
  for (const auto& [name, time] : sure_until_) times.push_back(time);
  auto last_of_majority = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), last_of_majority, times.end(), std::greater<>());
  if (steady < *last_of_majority) {
    is_elected_ = true;
    leads_until_ = *last_of_majority;
    hopes_since_.reset();
  } else if (!hopes_since_) {
    hopes_since_ = steady;
  }
}

std::optional<uint64_t> election::epoch_led(int64_t steady) const {
  if (!is_elected_ || steady >= leads_until_) return std::nullopt;
  return epoch_;
}

}  // namespace rollcall::cluster
