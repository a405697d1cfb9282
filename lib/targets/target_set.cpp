#include "lib/targets/target_set.hpp"

#include "lib/base/assert.hpp"

#include <algorithm>

namespace rollcall {

bool target_set::holder::operator<(const holder& other) const {
  if (source == other.source) return index < other.index;
  return source->first.name() < other.source->first.name();
}

target_set::target_set(target_set_options options) : options_(std::move(options)), factory_(options_.settings) {}

target_set::~target_set() = default;
target_set::target_set(target_set&&) noexcept = default;
target_set& target_set::operator=(target_set&&) noexcept = default;

target_delta target_set::apply(std::span<const source_change> changes, sources_named named) {
  pass pass;
  ++passes_;
  for (const auto& item : changes) change(item, pass);
  if (named == sources_named::all) withdraw_unnamed(pass);
  return finish(std::move(pass));
}

target_delta target_set::reconfigure(target_set_options options) {
  options_ = std::move(options);
  factory_ = target_factory(options_.settings);
  pass pass;
  for (auto& source : sources_) {
    empty(source, pass);
    fill(source, nullptr, nullptr, pass);
  }
  return finish(std::move(pass));
}

void target_set::change(const source_change& change, pass& pass) {
  bool gone = change.group->targets.empty();
  auto at = sources_.find(source_name{change.provider, change.group->source});
  if (at == sources_.end()) {
    if (gone) return;
    at = sources_.emplace(source_key{change.provider, change.group}, source_entry{nullptr, passes_}).first;
    return fill(*at, nullptr, nullptr, pass);
  }
  at->second.named_in = passes_;
  auto group_before = at->first.group;
  if (!gone && (group_before == change.group || *group_before == *change.group)) {
    regroup(at, change.group);  // so that an equal older copy need not be kept
    return;
  }
  empty(*at, pass);
  if (gone) {
    sources_.erase(at);
    return;
  }
  auto before = std::move(at->second.outcomes);
  at = regroup(at, change.group);
  fill(*at, std::move(before), group_before.get(), pass);
}

void target_set::withdraw_unnamed(pass& pass) {
  for (auto at = sources_.begin(); at != sources_.end();) {
    if (at->second.named_in == passes_) {
      ++at;
      continue;
    }
    empty(*at, pass);
    at = sources_.erase(at);
  }
}

// Puts a group of the same source in the place of the one that is the key. What refers to the source goes on doing so.
target_set::source_table::iterator target_set::regroup(source_table::iterator at, target_group_ptr group) {
  auto following = std::next(at);
  auto node = sources_.extract(at);
  node.key().group = std::move(group);
  return sources_.insert(following, std::move(node));
}

// Takes the results of a source out of the books, but leaves them for comparison.
void target_set::empty(known_source& source, pass& pass) {
  const auto& outcomes = source.second.outcomes;
  for (size_t i = 0; i < source.first.group->targets.size(); ++i) {
    count(outcomes[i], static_cast<size_t>(-1));
    if (outcomes[i].what == outcome::kind::active) remove_holder(outcomes[i].detail, {&source, i}, pass);
  }
}

// Computes the results of a source. A change mostly adds, removes or replaces targets at one place of the list: what
// comes before and after that place keeps its result.
void target_set::fill(known_source& source, outcome_list before, const target_group* group_before, pass& pass) {
  const auto& group = *source.first.group;
  const auto& targets = group.targets;
  size_t same_front = 0;
  size_t same_back = 0;
  size_t size_before = 0;
  if (group_before != nullptr && group_before->common == group.common) {
    const auto& old = group_before->targets;
    size_before = old.size();
    size_t shorter = std::min(old.size(), targets.size());
    while (same_front < shorter && old[same_front] == targets[same_front]) ++same_front;
    while (same_back < shorter - same_front &&
           old[old.size() - 1 - same_back] == targets[targets.size() - 1 - same_back]) {
      ++same_back;
    }
  }
  auto outcomes = std::make_unique<outcome[]>(targets.size());
  for (size_t i = 0; i < targets.size(); ++i) {
    bool kept = i < same_front || i >= targets.size() - same_back;
    if (!kept) {
      outcomes[i] = make(source, i, pass);
    } else {
      outcomes[i] = before[i < same_front ? i : size_before - (targets.size() - i)];
      if (outcomes[i].what == outcome::kind::active) add_holder(active_.at(outcomes[i].detail), {&source, i});
    }
    count(outcomes[i], 1);
  }
  source.second.outcomes = std::move(outcomes);
}

target_set::outcome target_set::make(const known_source& source, size_t index, pass& pass) {
  const auto& group = *source.first.group;
  auto made = factory_.make(group, index);
  if (auto* dropped = std::get_if<dropped_by_rule>(&made)) return {outcome::kind::rule, dropped->rule};
  if (auto* failure = std::get_if<error>(&made)) {
    if (pass.delta.failed++ < failures_reported_max) {
      pass.delta.failures.push_back("instance " + std::to_string(index) + " in group " + group.source + ": " +
                                    failure->message);
    }
    return {outcome::kind::failed, 0};
  }
  auto& fit = std::get<target>(made);
  uint64_t identity = fit.identity;
  auto [at, added] = active_.try_emplace(identity);
  if (added) {
    at->second.value = std::make_shared<const target>(std::move(fit));
    pass.created.push_back(identity);
  }
  add_holder(at->second, {&source, index});
  return {outcome::kind::active, identity};
}

void target_set::count(const outcome& result, size_t step) {
  switch (result.what) {
    case outcome::kind::active:
      places_ += step;
      break;
    case outcome::kind::rule:
      dropped_by_rule_ += step;
      break;
    case outcome::kind::failed:
      failed_ += step;
      break;
  }
}

void target_set::add_holder(active_entry& entry, holder added) {
  if (entry.first.source == nullptr) {
    entry.first = added;
    return;
  }
  if (!entry.others) entry.others = std::make_unique<std::set<holder>>();
  if (added < entry.first) std::swap(added, entry.first);
  entry.others->insert(added);
}

void target_set::remove_holder(uint64_t identity, holder removed, pass& pass) {
  auto& entry = active_.at(identity);
  if (entry.first != removed) {
    ROLLCALL_ASSERT(entry.others && entry.others->erase(removed) == 1);
  } else if (entry.others) {
    entry.first = *entry.others->begin();
    entry.others->erase(entry.others->begin());
  } else {
    entry.first = {};
    pass.orphaned.push_back(identity);
  }
  if (entry.others && entry.others->empty()) entry.others.reset();
}

target_delta target_set::finish(pass pass) {
  auto& delta = pass.delta;
  for (uint64_t identity : pass.orphaned) {
    auto at = active_.find(identity);
    if (at == active_.end() || at->second.first.source != nullptr) continue;
    if (!at->second.fresh) delta.stopped.push_back(std::move(at->second.value));
    active_.erase(at);
  }
  for (uint64_t identity : pass.created) {
    auto at = active_.find(identity);
    if (at == active_.end() || !at->second.fresh) continue;
    at->second.fresh = false;
    delta.started.push_back(at->second.value);
  }
  delta.unchanged = active_.size() - delta.started.size();
  return std::move(delta);
}

target_counts target_set::counts() const {
  return {active_.size(), dropped_by_rule_, places_ - active_.size(), failed_};
}

std::optional<error> target_set::limit_exceeded() const {
  if (options_.target_limit == 0 || active_.size() <= options_.target_limit) return std::nullopt;
  return error{errc::limit_exceeded, "target_limit exceeded (number of targets: " + std::to_string(active_.size()) +
                                         ", limit: " + std::to_string(options_.target_limit) + ")"};
}

std::optional<labels> target_set::discovered(uint64_t identity) const {
  auto at = active_.find(identity);
  if (at == active_.end()) return std::nullopt;
  const auto& [source, index] = at->second.first;
  return factory_.discovered(*source->first.group, index);
}

void target_set::visit_active(const std::function<void(const target_ptr&, const labels& discovered)>& visitor) const {
  for (const auto& source : sources_) {
    const auto& [key, entry] = source;
    for (size_t i = 0; i < key.group->targets.size(); ++i) {
      if (entry.outcomes[i].what != outcome::kind::active) continue;
      const auto& found = active_.at(entry.outcomes[i].detail);
      if (found.first == holder{&source, i}) visitor(found.value, factory_.discovered(*key.group, i));
    }
  }
}

void target_set::visit_dropped(const std::function<void(const dropped_target&)>& visitor) const {
  size_t left = options_.keep_dropped_targets == 0 ? SIZE_MAX : options_.keep_dropped_targets;
  for (const auto& source : sources_) {
    const auto& [key, entry] = source;
    for (size_t i = 0; i < key.group->targets.size(); ++i) {
      const auto& result = entry.outcomes[i];
      dropped_target shown;
      if (result.what == outcome::kind::active) {
        if (active_.at(result.detail).first == holder{&source, i}) continue;
        shown.why = dropped_target::reason::duplicate;
      } else if (result.what == outcome::kind::rule) {
        shown.rule = result.detail;
      } else {
        auto made = factory_.make(*key.group, i);
        shown.why = dropped_target::reason::failed;
        shown.message = std::get<error>(made).message;
      }
      if (left-- == 0) return;
      shown.discovered = factory_.discovered(*key.group, i);
      visitor(shown);
    }
  }
}

}  // namespace rollcall
