#include "lib/cluster/voter.hpp"

#include <algorithm>

namespace rollcall::cluster {

namespace {

// After a start: one lease, in which promises may hold that were forgotten, and half of one more. No candidacy counts
// promises for longer than election::age_percent_max of a lease, so any that is then asked for was begun well after the
// start, and has a higher epoch than all that were forgotten, as epochs are no less than the time in seconds.
constexpr int silence_percent_of_lease = 150;

}  // namespace

bool voter::is_fresh(const candidacy& asked, int64_t steady) const {
  return steady < started_ + asked.lease.count() * silence_percent_of_lease / 100;
}

consent voter::consider(const candidacy& asked, int64_t steady) {
  bool is_known = promised_ && promised_->holder == asked.holder;
  bool is_again = is_known && promised_->epoch == asked.epoch;
  bool is_stale = asked.epoch < served_ || (is_known && asked.epoch < promised_->epoch);
  if (is_fresh(asked, steady) || is_stale || (is_bound(steady) && !is_known)) return consent::refused;
  if (asked.epoch <= heard_ && !is_again && !asked.is_elected) return consent::refused;
  bool is_renewed = is_again && is_bound(steady);
  promised_ = asked;
  heard_ = std::max(heard_, asked.epoch);
  if (asked.is_elected) served_ = std::max(served_, asked.epoch);
  bind(steady);
  return is_renewed ? consent::renewed : consent::given;
}

void voter::bind(int64_t steady) { bound_until_ = std::max(bound_until_, steady + promised_->lease.count()); }

void voter::serve(uint64_t epoch, int64_t steady) {
  if (!promised_ || promised_->epoch != epoch) return;
  promised_->is_elected = true;
  served_ = std::max(served_, epoch);
  bind(steady);
}

void voter::release(const candidacy& given_back) {
  if (promised_ && promised_->holder == given_back.holder && promised_->epoch <= given_back.epoch) bound_until_ = 0;
}

}  // namespace rollcall::cluster
