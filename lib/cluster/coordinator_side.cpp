#include "lib/cluster/coordinator_side.hpp"

#include <algorithm>

namespace rollcall::cluster {

coordinator_side::coordinator_side(coordinator_options options, int64_t steady)
    : options_(options),
      settled_at_(steady + options.settling.count()),
      placement_(options.placement),
      copies_(options.copies_bytes_max) {}

coordinator_side::target* coordinator_side::find_target(uint64_t key) {
  auto found = targets_.find(key);
  return found == targets_.end() ? nullptr : &found->second;
}

// -- targets ----------------------------------------------------------------------------------------------------------

void coordinator_side::want(const loop_plan& plan, const placement_wish& wish, int64_t wall) {
  auto [place, added] = targets_.try_emplace(plan.key);
  auto& what = place->second;
  bool is_found_again = orphans_.erase(plan.key) > 0;
  what.plan = plan;
  auto before = std::exchange(what.digest, digest(plan));
  if (what.owner == nobody || is_found_again) enlist(what, wish);
  if (what.owner != nobody && before != what.digest) update(plan);
  if (added) resume(what, wall);
}

// One that is back goes on where it was: whoever had it may not know yet that it was gone.
void coordinator_side::resume(target& what, int64_t wall) {
  what.first_tick = wall;
  auto record = departed_.extract(what.plan.key);
  if (record.empty()) record = unattended_.extract(what.plan.key);
  if (record.empty()) return;
  const auto& gone = record.mapped();
  what.first_tick = std::max(gone.first_tick, wall + options_.skew_max.count());
  auto loop = tenancies_.find(gone.which);
  if (loop == tenancies_.end())
    what.is_bereft = true;
  else
    recall(what, gone.which, loop->second.owner);
}

// As in a planned move: only the owner of a loop that is about to end knows which ticks it has not scraped.
void coordinator_side::recall(target& what, tenancy which, member_id owner) {
  auto placed = placement_.owner(what.plan.key);
  if (placed == nobody) placement_.adopt(what.plan.key, owner);
  what.owner = owner;
  what.which = which;
  what.successor = placed == nobody ? owner : placed;
  ++handovers_;
  push(owner, yield{which, milliseconds(0)});
}

// Has it placed by its wish. One that runs already stays where it is, until that is planned otherwise.
void coordinator_side::enlist(const target& what, const placement_wish& wish) {
  auto key = what.plan.key;
  placement::target_description described{key, placement_.expense(key), wish.together, wish.where};
  if (what.owner != nobody) {
    if (wish == placement_wish{}) return;
    placement_.remove(key);
  }
  placement_.add(described);
  if (what.owner != nobody)
    placement_.adopt(key, what.owner);
  else if (placement_.owner(key) != nobody)
    joined_.push_back(key);
}

// Who joins others that have an owner is not planned for any more.
void coordinator_side::start_those_who_joined(int64_t wall) {
  for (auto key : std::exchange(joined_, {})) {
    auto* what = find_target(key);
    auto owner = placement_.owner(key);
    if (what && what->owner == nobody && owner != nobody)
      move({key, nobody, owner, placement::move_reason::new_target}, wall);
  }
}

void coordinator_side::update(const loop_plan& plan) {
  auto* what = find_target(plan.key);
  if (!what) return;
  what->plan = plan;
  what->digest = digest(plan);
  if (what->owner == nobody) return;
  tell_settings(what->owner, plan.settings);
  push(what->owner, change{what->which, plan});
}

void coordinator_side::tell_settings(member_id id, uint64_t settings) {
  auto* who = find_member(id);
  auto known = settings_.find(settings);
  if (!who || known == settings_.end() || !who->defined.insert(settings).second) return;
  push(id, rollcall::cluster::define{settings, known->second});
}

void coordinator_side::unwant(uint64_t key, int64_t wall) {
  auto* what = find_target(key);
  if (!what) return;
  end_handover(*what);
  departed gone{what->which, wall + options_.heir_grace_intervals * what->plan.interval.count(), what->plan,
                what->first_tick};
  if (what->owner != nobody) {
    push(what->owner, retire{what->which, no_tenancy});
    departed_.insert_or_assign(key, std::move(gone));
  } else {
    mourn(key, std::move(gone), wall);
  }
  if (what->before != no_tenancy) estates_.erase(what->before);
  placement_.remove(key);
  targets_.erase(key);
  orphans_.erase(key);
}

void coordinator_side::succeed(uint64_t key, uint64_t heir, int64_t wall) {
  auto* to = find_target(heir);
  if (!to) return;
  if (key != heir) unwant(key, wall);
  if (unattended_.erase(key) > 0) return leave_copy(key, *to);
  auto gone = departed_.find(key);
  if (gone == departed_.end()) return;
  auto which = std::exchange(gone->second.which, no_tenancy);
  auto from = tenancies_.find(which);
  if (from != tenancies_.end()) pass_on(from->second, which, *to);
}

// A heir that has no owner yet comes to where the series are; to any other they travel.
void coordinator_side::pass_on(lease_entry from, tenancy which, target& heir) {
  if (heir.owner == nobody && heir.before == no_tenancy) {
    placement_.adopt(heir.plan.key, from.owner);
    start(heir, from.owner, estate::awaited);
  }
  if (heir.owner == from.owner) {
    copies_.pass(from.key, heir.plan.key);
    return push(from.owner, retire{which, heir.which});
  }
  push(from.owner, yield{which, milliseconds(0)});
  estates_[which] = {heir.which, {}};
  if (heir.owner == nobody && heir.before == no_tenancy) heir.before = which;
}

void coordinator_side::orphan(uint64_t key, int64_t steady) {
  if (find_target(key)) orphans_[key] = steady;
}

void coordinator_side::configure(const opaque& bytes) {
  configuration_ = bytes;
  for (const auto& [id, who] : members_) push(id, rollcall::cluster::configure{bytes});
}

// -- owners -----------------------------------------------------------------------------------------------------------

tenancy coordinator_side::start(target& what, member_id owner, estate from_before) {
  auto* who = find_member(owner);
  if (!who) return no_tenancy;
  auto which = (options_.epoch << epoch_shift) | ++last_tenancy_;
  what.owner = owner;
  what.which = which;
  tenancies_[which] = {owner, what.plan.key, who->link.session()};
  who->tenancies.insert(which);
  bool gets_copy = std::exchange(what.is_bereft, false) && copies_.find(what.plan.key);
  if (gets_copy) owed_.push_back(which);
  if (what.before != no_tenancy || gets_copy) from_before = estate::awaited;
  tell_settings(owner, what.plan.settings);
  push(owner, rollcall::cluster::run{which, what.first_tick, from_before, what.plan});
  auto estate = estates_.find(std::exchange(what.before, no_tenancy));
  if (estate == estates_.end()) return which;
  estate->second.beneficiary = which;
  if (estate->second.state) settle_estate(estate->first, std::move(*estate->second.state));
  return which;
}

void coordinator_side::release(tenancy which) {
  auto found = tenancies_.find(which);
  if (found == tenancies_.end()) return;
  if (auto* who = find_member(found->second.owner)) who->tenancies.erase(which);
  tenancies_.erase(found);
}

void coordinator_side::end_handover(target& what) {
  if (!what.successor) return;
  what.successor.reset();
  --handovers_;
}

void coordinator_side::settle_estate(tenancy from, std::string state) {
  auto found = estates_.find(from);
  if (found == estates_.end()) return;
  auto beneficiary = tenancies_.find(found->second.beneficiary);
  if (found->second.beneficiary == no_tenancy) {
    found->second.state = std::move(state);
    return;
  }
  if (beneficiary != tenancies_.end()) push(beneficiary->second.owner, bequeath{beneficiary->first, std::move(state)});
  estates_.erase(found);
}

// The owner had begun to give up a target that was then gone: somebody has to mark its series.
void coordinator_side::lay_to_rest(member_id id, const departed& gone, std::string state, int64_t wall) {
  target last;
  last.plan = gone.plan;
  last.first_tick = gone.first_tick;
  auto which = start(last, id, estate::awaited);
  push(id, bequeath{which, std::move(state)});
  push(id, retire{which, no_tenancy});
  // Its worker has to stay until that has happened.
  auto until = std::max(gone.until, wall + options_.heir_grace_intervals * gone.plan.interval.count());
  departed_.insert_or_assign(gone.plan.key, departed{which, until, gone.plan, gone.first_tick});
}

void coordinator_side::remember(target& what, const placement::move& decided, int64_t wall) {
  what.moved = wall;
  what.moved_from = decided.from;
  what.moved_why = decided.why;
  moves_.push_back({wall, decided.target, name_of(decided.from), name_of(decided.to), decided.why});
  if (moves_.size() > options_.moves_remembered) moves_.pop_front();
}

void coordinator_side::move(const placement::move& decided, int64_t wall) {
  auto* what = find_target(decided.target);
  if (!what) return;
  // What nobody asks for cannot be started anew.
  if (!is_wanted(decided.target)) return placement_.adopt(decided.target, what->owner);
  if (what->owner == decided.to && !what->successor) return placement_.settle(decided.target);
  remember(*what, decided, wall);
  if (what->owner == nobody) {
    if (decided.why == placement::move_reason::owner_left) ++takeovers_;
    start(*what, decided.to);
    placement_.settle(decided.target);
  } else if (what->successor) {
    what->successor = decided.to;
  } else {
    what->successor = decided.to;
    ++handovers_;
    push(what->owner, yield{what->which, options_.skew_max + options_.handover_lead});
  }
}

// -- time -------------------------------------------------------------------------------------------------------------

void coordinator_side::run(int64_t steady, int64_t wall) {
  expire(steady, wall);
  if (steady >= settled_at_) {
    if (!std::exchange(is_settled_, true)) end_settling(wall);
    start_those_who_joined(wall);
    for (const auto& decided : placement_.plan(milliseconds(steady), handovers_left())) move(decided, wall);
  }
  lay_copies_to_rest(wall);
  give_copies();
  dismiss_idle();
}

// Whoever has not said by now what it has may have scraped until a moment ago, also what another one had promised away.
void coordinator_side::end_settling(int64_t wall) {
  for (auto& [key, what] : targets_)
    if (what.owner == nobody) what.first_tick = std::max(what.first_tick, wall + options_.skew_max.count());
}

size_t coordinator_side::handovers_left() const {
  auto max = std::max(options_.handovers_max, targets_.size() * options_.handovers_per_mille / 1000);
  return max - std::min(max, handovers_);
}

void coordinator_side::expire(int64_t steady, int64_t wall) {
  std::vector<member_id> silent;
  for (const auto& [id, who] : members_)
    if (steady - who.heard >= options_.lease.count()) silent.push_back(id);
  for (auto id : silent) lose(id, wall);

  std::vector<uint64_t> given_up;
  for (const auto& [key, since] : orphans_)
    if (steady - since >= options_.orphan_grace.count()) given_up.push_back(key);
  for (auto key : given_up) unwant(key, wall);

  for (auto gone = departed_.begin(); gone != departed_.end();) {
    // Its loop has ended when its worker says so, or is lost.
    if (gone->second.until > wall || tenancies_.contains(gone->second.which)) {
      ++gone;
      continue;
    }
    if (!find_target(gone->first)) copies_.forget(gone->first);
    gone = departed_.erase(gone);
  }
}

void coordinator_side::dismiss_idle() {
  bool is_any_staying =
      std::any_of(members_.begin(), members_.end(), [](const auto& each) { return !each.second.is_leaving; });
  for (auto& [id, who] : members_) {
    if (!who.is_leaving || who.is_dismissed || (is_any_staying && !who.tenancies.empty())) continue;
    who.is_dismissed = true;
    push(id, dismiss{});
  }
}

// -- questions --------------------------------------------------------------------------------------------------------

std::vector<member_status> coordinator_side::members(int64_t steady) const {
  std::vector<member_status> all;
  for (const auto& [id, who] : members_)
    all.push_back({who.description.name, who.description.zone, who.link.session(), milliseconds(steady - who.heard),
                   placement_.is_draining(id), who.tenancies.size(), who.link.items_waiting(), placement_.load(id)});
  return all;
}

std::string coordinator_side::name_of(member_id id) const {
  if (auto found = members_.find(id); found != members_.end()) return found->second.description.name;
  auto former = former_names_.find(id);
  return former == former_names_.end() ? std::string() : former->second;
}

target_place coordinator_side::place_of(uint64_t key) const {
  auto found = targets_.find(key);
  if (found == targets_.end()) return {};
  const auto& what = found->second;
  auto owner = name_of(what.owner);
  auto next_owner = name_of(what.successor.value_or(nobody));
  target_place place{owner, next_owner, placement_.expense(key)};
  if (what.moved != 0)
    place.last_move = {what.moved, key, name_of(what.moved_from), next_owner.empty() ? owner : next_owner,
                       what.moved_why};
  return place;
}

}  // namespace rollcall::cluster
