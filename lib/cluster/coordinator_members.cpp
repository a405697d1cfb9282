#include "lib/base/assert.hpp"
#include "lib/cluster/coordinator_side.hpp"

#include <algorithm>

namespace rollcall::cluster {

namespace {

// How long unacknowledged items wait before they are sent again, in shares of the lease.
constexpr int retries_per_lease = 2;

}  // namespace

coordinator_side::member* coordinator_side::find_member(member_id id) {
  auto found = members_.find(id);
  return found == members_.end() ? nullptr : &found->second;
}

bool coordinator_side::owns(member_id id, tenancy which) const {
  auto found = tenancies_.find(which);
  return found != tenancies_.end() && found->second.owner == id;
}

void coordinator_side::push(member_id id, const directive& item) {
  auto* who = find_member(id);
  if (!who) return;
  std::string bytes;
  append(bytes, item);
  who->link.push(std::move(bytes));
}

// -- coming -----------------------------------------------------------------------------------------------------------

void coordinator_side::begin_session(member& who) {
  sessions_.erase(who.link.session());
  who.link = peer_link((options_.epoch << epoch_shift) | ++last_session_, options_.lease / retries_per_lease);
  who.defined.clear();
  who.is_dismissed = false;
}

acceptance coordinator_side::acceptance_of(const member& who) const {
  return {who.attempt, options_.epoch, who.link.session(), options_.lease, {}, copies_.is_on()};
}

result<acceptance> coordinator_side::introduce(const placement::worker_description& worker, const introduction& words,
                                               int64_t steady, int64_t wall) {
  if (words.epoch > options_.epoch) return fail(errc::closed, "a newer coordinator has taken over");
  auto known = names_.find(worker.name);
  if (known != names_.end()) {
    auto& who = members_.at(known->second);
    bool is_same = who.incarnation == words.incarnation;
    if (is_same && words.attempt <= who.attempt) return fail(errc::closed, "an introduction came late");
    if (is_same && who.link.session() == words.session) {
      who.attempt = words.attempt;
      who.heard = steady;
      return acceptance_of(who);
    }
    if (!is_same && !who.is_dismissed && steady - who.heard < options_.lease.count())
      return fail(errc::closed, "another worker has the name \"" + worker.name + "\"");
    if (!is_same) lose(known->second, wall);
  }
  auto id = placement_.join(worker);
  auto [place, added] = members_.try_emplace(id, member{worker, words.incarnation, 0, peer_link(0, options_.lease)});
  auto& who = place->second;
  auto last_session = who.link.session();
  auto undelivered = salvage(who.link, words.held);
  begin_session(who);
  who.description = worker;
  who.attempt = words.attempt;
  who.heard = steady;
  who.is_doubted = words.is_lapsed && !is_settled_;
  names_[worker.name] = id;
  sessions_[who.link.session()] = id;
  auto answer = acceptance_of(who);
  if (configuration_) push(id, rollcall::cluster::configure{configuration_});
  for (const auto& each : undelivered) push(id, each);
  forget_missing(id, words, last_session, wall);
  for (const auto& held : words.held) {
    if (owns(id, held.which))
      adopt(id, held, wall);
    else if (!adopt_unknown(id, held, steady, wall))
      answer.disowned.push_back(held.which);
  }
  return answer;
}

void coordinator_side::forget_missing(member_id id, const introduction& words, uint64_t last_session, int64_t wall) {
  std::unordered_set<tenancy> held;
  for (const auto& each : words.held) held.insert(each.which);
  auto believed = members_.at(id).tenancies;
  for (auto which : believed) {
    if (held.contains(which)) continue;
    auto entry = tenancies_.at(which);
    auto* what = find_target(entry.key);
    // Of a session that the worker never took part in it has not heard anything: not a tick of these was scraped.
    bool is_untold = entry.session == last_session && words.session != last_session;
    if (is_untold && what) {
      take_away(which, what->first_tick);
      continue;
    }
    if (!is_untold && !what) copies_.forget(entry.key);
    lose_tenancy(which, wall);
    mourn_departed(entry.key, which, wall);
  }
}

// What was left to loops that the worker does not have is there for whoever gets their targets next. Returns the rest.
std::vector<bequeath> coordinator_side::salvage(const peer_link& link, const std::vector<holding>& held) {
  std::vector<bequeath> undelivered;
  auto items = decode_directives(link.unacknowledged());
  ROLLCALL_ASSERT(items);
  for (auto& item : *items) {
    auto* left = std::get_if<bequeath>(&item);
    if (!left || !tenancies_.contains(left->which)) continue;
    bool is_held = std::any_of(held.begin(), held.end(), [&](const auto& each) { return each.which == left->which; });
    if (is_held) {
      undelivered.push_back(std::move(*left));
    } else if (!left->state.empty()) {
      // Under a number of its own, as the tenancy from which it came is long forgotten.
      estates_[(options_.epoch << epoch_shift) | ++last_tenancy_] = {left->which, std::move(left->state)};
    }
  }
  return undelivered;
}

void coordinator_side::adopt(member_id id, const holding& held, int64_t wall) {
  auto* what = find_target(held.key);
  auto gone = departed_.find(held.key);
  bool is_current = what && what->which == held.which;
  bool is_departed = gone != departed_.end() && gone->second.which == held.which;
  auto estate = estates_.find(held.which);
  bool is_passed_on = estate != estates_.end() && estate->second.beneficiary != no_tenancy && held.cut == 0;
  if (is_current && what->successor) {
    if (held.cut != 0) return on(id, yielding{held.which, held.cut}, wall);
    push(id, yield{held.which, held.is_retired ? milliseconds(0) : options_.skew_max + options_.handover_lead});
  } else if (is_departed && !held.is_retired) {
    push(id, retire{held.which, no_tenancy});
  } else if (!is_current && !is_departed && is_passed_on) {
    push(id, yield{held.which, milliseconds(0)});
  }
  if (is_current && is_wanted(held.key) && what->digest != held.digest) update(loop_plan(what->plan));
}

// Of several that have a target, it was given last to the one with the latest tenancy.
void coordinator_side::withdraw_older(const holding& held) {
  auto withdraw = [&](tenancy which) {
    auto found = tenancies_.find(which);
    if (found == tenancies_.end() || which >= held.which) return false;
    push(found->second.owner, disown{which});
    release(which);
    return true;
  };
  if (auto gone = departed_.find(held.key); gone != departed_.end() && withdraw(gone->second.which))
    departed_.erase(gone);
  auto* what = find_target(held.key);
  if (!what || !withdraw(what->which)) return;
  end_handover(*what);
  what->owner = nobody;
  what->which = no_tenancy;
  placement_.adopt(held.key, nobody);
  if (is_wanted(held.key)) return;
  placement_.remove(held.key);
  orphans_.erase(held.key);
  targets_.erase(held.key);
}

// A loop of another coordinator's, or of a time before the worker was given up. Returns whether it can go on.
bool coordinator_side::adopt_unknown(member_id id, const holding& held, int64_t steady, int64_t wall) {
  if (!is_settled_) withdraw_older(held);
  auto gone = departed_.find(held.key);
  // Somebody else marks, or is about to mark, what it knew.
  if (unattended_.contains(held.key) || (gone != departed_.end() && gone->second.which != no_tenancy)) return false;
  if (held.is_retired) return adopt_retired(id, held, wall);
  auto [place, added] = targets_.try_emplace(held.key);
  auto& what = place->second;
  if (added) {
    what.plan.key = held.key;
    what.digest = held.digest;
    orphans_[held.key] = steady;
  }
  if (what.owner != nobody || what.before != no_tenancy) return false;
  what.is_bereft = false;
  auto& who = members_.at(id);
  tenancies_[held.which] = {id, held.key, who.link.session()};
  who.tenancies.insert(held.which);
  if (held.cut != 0) {
    // Who had it after the promise may have scraped until a moment ago, unless that is over: see end_settling().
    auto unheard_until = is_settled_ ? wall + options_.skew_max.count() : 0;
    what.first_tick = std::max({what.first_tick, held.cut, unheard_until});
    what.before = held.which;
    estates_[held.which] = {};
    return true;
  }
  what.owner = id;
  what.which = held.which;
  placement_.add({held.key, 0, 0, {}});
  placement_.adopt(held.key, id);
  if (is_wanted(held.key) && what.digest != held.digest) update(loop_plan(what.plan));
  return true;
}

// One that waits for the time to mark its series. If its target is back it has to go on in the next loop instead.
bool coordinator_side::adopt_retired(member_id id, const holding& held, int64_t wall) {
  auto* what = find_target(held.key);
  if (what && (what->owner != nobody || what->before != no_tenancy || !is_wanted(held.key))) return false;
  auto& who = members_.at(id);
  tenancies_[held.which] = {id, held.key, who.link.session()};
  who.tenancies.insert(held.which);
  if (what) {
    what->is_bereft = false;
    recall(*what, held.which, id);
  } else {
    loop_plan unknown;
    unknown.key = held.key;
    departed_.insert_or_assign(held.key, departed{held.which, wall, unknown, 0});
    // Whoever would have sent it what it still awaits is gone.
    push(id, bequeath{held.which, {}});
  }
  return true;
}

// -- talking ----------------------------------------------------------------------------------------------------------

result<void> coordinator_side::take(const frame& received, int64_t steady, int64_t wall) {
  auto session = sessions_.find(received.session);
  if (session == sessions_.end()) return fail(errc::not_found, "the session is over");
  auto id = session->second;
  auto& who = members_.at(id);
  who.heard = steady;
  who.owes_answer = true;
  auto items = who.link.take(received);
  if (!items) return {};
  auto notices = decode_notices(*items);
  if (!notices) return tl::unexpected(notices.error());
  for (const auto& each : *notices) std::visit([&](const auto& item) { on(id, item, wall); }, each);
  return {};
}

void coordinator_side::on(member_id id, const yielding& item, int64_t) {
  if (!owns(id, item.which)) return;
  auto key = tenancies_.at(item.which).key;
  auto* what = find_target(key);
  if (!what || what->which != item.which || !what->successor) return;
  auto successor = *what->successor;
  end_handover(*what);
  what->owner = nobody;
  what->which = no_tenancy;
  what->first_tick = item.cut;
  what->before = item.which;
  estates_[item.which] = {};
  auto* who = find_member(successor);
  // One that was told to end meanwhile would take it along.
  if (!who || who->is_dismissed) return placement_.adopt(key, nobody);
  start(*what, successor);
  placement_.settle(key);
}

void coordinator_side::on(member_id id, const yielded& item, int64_t wall) {
  if (!owns(id, item.which)) return;
  auto key = tenancies_.at(item.which).key;
  auto* what = find_target(key);
  auto gone = departed_.find(key);
  bool is_last = gone != departed_.end() && gone->second.which == item.which && !estates_.contains(item.which);
  if (what && what->which == item.which) {
    // One that has ended by itself has marked what it knew.
    copies_.forget(key);
    return lose_tenancy(item.which, wall);
  }
  release(item.which);
  if (is_last && !item.state.empty()) return lay_to_rest(id, departed(gone->second), item.state, wall);
  if (is_last && !what) copies_.forget(key);
  settle_estate(item.which, item.state);
}

void coordinator_side::on(member_id id, const observed& item, int64_t) {
  if (owns(id, item.which)) observed_.emplace_back(tenancies_.at(item.which).key, item.bytes);
}

void coordinator_side::on(member_id id, const leaving&, int64_t) {
  members_.at(id).is_leaving = true;
  placement_.drain(id);
}

bool coordinator_side::drain(const std::string& name) {
  auto known = names_.find(name);
  if (known == names_.end()) return false;
  placement_.drain(known->second);
  return true;
}

std::vector<std::pair<std::string, frame>> coordinator_side::take_frames(int64_t steady) {
  std::vector<std::pair<std::string, frame>> frames;
  for (auto& [id, who] : members_) {
    if (!std::exchange(who.owes_answer, false) && !who.link.has_work(steady)) continue;
    auto made = who.link.make_frame(steady);
    // It has no lease before all have said what they have, and it has heard what is not its own any more.
    who.is_doubted = who.is_doubted && (!is_settled_ || who.link.items_waiting() > 0);
    if (who.is_doubted) made.echo = 0;
    frames.emplace_back(who.description.name, std::move(made));
  }
  return frames;
}

// -- going ------------------------------------------------------------------------------------------------------------

// The worker does not have it any more, and nothing comes of it.
void coordinator_side::lose_tenancy(tenancy which, int64_t wall) { take_away(which, wall + options_.skew_max.count()); }

void coordinator_side::take_away(tenancy which, int64_t first_tick) {
  uint64_t key = 0;
  if (auto found = tenancies_.find(which); found != tenancies_.end()) key = found->second.key;
  release(which);
  settle_estate(which, copy_of(key));
  tenancy undelivered = no_tenancy;
  for (auto& [from, what] : estates_)
    if (what.beneficiary == which) undelivered = from;
  auto* what = find_target(key);
  if (!what || what->which != which) {
    estates_.erase(undelivered);
    return;
  }
  if (undelivered != no_tenancy) {
    estates_[undelivered].beneficiary = no_tenancy;
    what->before = undelivered;
  }
  what->is_bereft = undelivered == no_tenancy;
  auto successor = what->successor;
  end_handover(*what);
  what->owner = nobody;
  what->which = no_tenancy;
  // The one before may still have ticks up to the first of the one that is lost.
  what->first_tick = std::max(what->first_tick, first_tick);
  auto* who = successor ? find_member(*successor) : nullptr;
  if (who && !who->is_dismissed) {
    start(*what, *successor);
    placement_.settle(key);
  } else {
    placement_.adopt(key, nobody);
  }
}

void coordinator_side::lose(member_id id, int64_t wall) {
  auto found = members_.find(id);
  if (found == members_.end()) return;
  placement_.leave(id);
  auto tenancies = std::move(found->second.tenancies);
  salvage(found->second.link, {});
  sessions_.erase(found->second.link.session());
  names_.erase(found->second.description.name);
  former_names_[id] = found->second.description.name;
  if (former_names_.size() > options_.names_remembered) former_names_.erase(former_names_.begin());
  members_.erase(found);
  for (auto which : tenancies) {
    auto key = tenancies_.at(which).key;
    bool is_passed_on = estates_.contains(which);
    lose_tenancy(which, wall);
    if (!is_passed_on) mourn_departed(key, which, wall);
  }
}

}  // namespace rollcall::cluster
