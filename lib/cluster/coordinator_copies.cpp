#include "lib/cluster/coordinator_side.hpp"

#include <utility>

namespace rollcall::cluster {

void coordinator_side::on(member_id id, const copied& item, int64_t) {
  if (!copies_.is_on() || !owns(id, item.which)) return;
  auto key = tenancies_.at(item.which).key;
  auto* what = find_target(key);
  if (!what || what->which != item.which) return;
  copies_.keep(key, item.state.size() <= copy_bytes_max ? item.state : std::string());
}

std::string coordinator_side::copy_of(uint64_t key) const {
  const auto* kept = copies_.find(key);
  return kept ? *kept : std::string();
}

// After the orders to run, none of which has to wait for copies on its way.
void coordinator_side::give_copies() {
  for (auto which : std::exchange(owed_, {})) {
    auto loop = tenancies_.find(which);
    if (loop != tenancies_.end()) push(loop->second.owner, bequeath{which, copy_of(loop->second.key)});
  }
}

// The series of a target that is gone, as is whoever had it, go on in those of another.
void coordinator_side::leave_copy(uint64_t key, target& heir) {
  if (heir.owner == nobody)
    heir.is_bereft = true;
  else
    push(heir.owner, bequeath{heir.which, copy_of(key)});
  copies_.pass(key, heir.plan.key);
}

// A target is gone, and nobody has its series.
void coordinator_side::mourn(uint64_t key, departed gone, int64_t wall) {
  gone.which = no_tenancy;
  if (!copies_.find(key) || !gone.plan.bytes) {
    copies_.forget(key);
    departed_.insert_or_assign(key, std::move(gone));
    return;
  }
  // Later than that nobody needs a marker any more: receivers have forgotten the series by themselves.
  gone.until = wall + options_.orphan_grace.count();
  unattended_.insert_or_assign(key, std::move(gone));
}

// A target that is gone had an owner that was to see to its series, and is now gone, too.
void coordinator_side::mourn_departed(uint64_t key, tenancy which, int64_t wall) {
  auto gone = departed_.find(key);
  if (gone == departed_.end() || gone->second.which != which) return;
  auto last = std::move(gone->second);
  departed_.erase(gone);
  // By any clock, its owner's lease is over by then.
  last.first_tick = std::max(last.first_tick, wall + options_.skew_max.count());
  mourn(key, std::move(last), wall);
}

// Has all workers mark the series of which there are only copies any more.
void coordinator_side::lay_copies_to_rest(int64_t wall) {
  if (unattended_.empty()) return;
  std::vector<member_id> staying;
  for (const auto& [id, who] : members_)
    if (!who.is_leaving && !who.is_dismissed) staying.push_back(id);
  size_t turn = 0;
  for (auto& [key, gone] : std::exchange(unattended_, {})) {
    if (!staying.empty())
      lay_to_rest(staying[turn++ % staying.size()], gone, copy_of(key), wall);
    else if (gone.until > wall)
      unattended_[key] = std::move(gone);
    else
      copies_.forget(key);
  }
}

}  // namespace rollcall::cluster
