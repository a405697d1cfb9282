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

// A target without an owner is gone.
void coordinator_side::mourn(uint64_t key, const loop_plan& plan, int64_t wall) {
  if (!copies_.find(key) || !plan.bytes) return copies_.forget(key);
  // Later than that nobody needs a marker any more: receivers have forgotten the series by themselves.
  unattended_[key] = {no_tenancy, wall + options_.orphan_grace.count(), plan};
}

// A target that is gone had an owner that was to see to its series, and is now gone, too.
void coordinator_side::mourn_departed(uint64_t key, tenancy which, int64_t wall) {
  auto gone = departed_.find(key);
  if (gone == departed_.end() || gone->second.which != which) return;
  auto plan = gone->second.plan;
  departed_.erase(gone);
  if (!find_target(key)) mourn(key, plan, wall);
}

// Has all workers mark the series of which there are only copies any more.
void coordinator_side::lay_copies_to_rest(int64_t wall) {
  if (unattended_.empty()) return;
  std::vector<member_id> staying;
  for (const auto& [id, who] : members_)
    if (!who.is_leaving && !who.is_dismissed) staying.push_back(id);
  size_t turn = 0;
  for (auto& [key, gone] : std::exchange(unattended_, {})) {
    if (auto* back = find_target(key))
      leave_copy(key, *back);
    else if (!staying.empty())
      lay_to_rest(staying[turn++ % staying.size()], gone, copy_of(key), wall);
    else if (gone.until > wall)
      unattended_[key] = std::move(gone);
    else
      copies_.forget(key);
  }
}

}  // namespace rollcall::cluster
