#include "lib/targets/target_set.hpp"

#include "lib/base/assert.hpp"

#include <algorithm>

namespace rollcall {

bool target_set::holder::operator<(const holder& other) const {
  if (source == other.source) return index < other.index;
  return *source->name < *other.source->name;
}

target_set::target_set(target_set_options options) : options_(std::move(options)), factory_(options_.settings) {}

target_set::~target_set() = default;
target_set::target_set(target_set&&) noexcept = default;
target_set& target_set::operator=(target_set&&) noexcept = default;

target_delta target_set::apply(std::span<const source_change> changes) {
  pass pass;
  for (const auto& item : changes) change(item, pass);
  return finish(std::move(pass));
}

target_delta target_set::reconfigure(target_set_options options) {
  options_ = std::move(options);
  factory_ = target_factory(options_.settings);
  pass pass;
  for (auto& [name, entry] : sources_) {
    empty(entry, pass);
    fill(entry, {}, nullptr, pass);
  }
  return finish(std::move(pass));
}

void target_set::change(const source_change& change, pass& pass) {
  bool gone = change.group == nullptr || change.group->targets.empty();
  auto at = sources_.find(change.source);
  if (at == sources_.end()) {
    if (gone) return;
    at = sources_.emplace(change.source, source_entry()).first;
    at->second.name = &at->first;
  }
  auto& entry = at->second;
  if (!gone && entry.group != nullptr && (entry.group == change.group || *entry.group == *change.group)) {
    entry.group = change.group;  // so that an equal older copy need not be kept
    return;
  }
  empty(entry, pass);
  if (gone) {
    sources_.erase(at);
    return;
  }
  auto before = std::move(entry.outcomes);
  auto group_before = std::exchange(entry.group, change.group);
  fill(entry, std::move(before), group_before.get(), pass);
}

// Takes the results of a source out of the books, but leaves them for comparison.
void target_set::empty(source_entry& entry, pass& pass) {
  for (size_t i = 0; i < entry.outcomes.size(); ++i) {
    count(entry.outcomes[i], static_cast<size_t>(-1));
    if (entry.outcomes[i].what == outcome::kind::active) remove_holder(entry.outcomes[i].detail, {&entry, i}, pass);
  }
}

// Computes the results of a source. A change mostly adds, removes or replaces targets at one place of the list: what
// comes before and after that place keeps its result.
void target_set::fill(source_entry& entry, std::vector<outcome> before, const target_group* group_before, pass& pass) {
  const auto& targets = entry.group->targets;
  size_t same_front = 0;
  size_t same_back = 0;
  if (group_before != nullptr && group_before->common == entry.group->common) {
    const auto& old = group_before->targets;
    size_t shorter = std::min(old.size(), targets.size());
    while (same_front < shorter && old[same_front] == targets[same_front]) ++same_front;
    while (same_back < shorter - same_front &&
           old[old.size() - 1 - same_back] == targets[targets.size() - 1 - same_back]) {
      ++same_back;
    }
  }
  std::vector<outcome> outcomes;
  outcomes.reserve(targets.size());
  for (size_t i = 0; i < targets.size(); ++i) {
    bool kept = i < same_front || i >= targets.size() - same_back;
    if (!kept) {
      outcomes.push_back(make(entry, i, pass));
    } else {
      outcomes.push_back(before[i < same_front ? i : before.size() - (targets.size() - i)]);
      if (outcomes.back().what == outcome::kind::active) add_holder(active_.at(outcomes.back().detail), {&entry, i});
    }
    count(outcomes.back(), 1);
  }
  entry.outcomes = std::move(outcomes);
}

target_set::outcome target_set::make(source_entry& entry, size_t index, pass& pass) {
  auto made = factory_.make(*entry.group, index);
  if (auto* dropped = std::get_if<dropped_by_rule>(&made)) return {outcome::kind::rule, dropped->rule};
  if (auto* failure = std::get_if<error>(&made)) {
    if (pass.delta.failed++ < failures_reported_max) {
      pass.delta.failures.push_back("instance " + std::to_string(index) + " in group " + entry.group->source + ": " +
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
  add_holder(at->second, {&entry, index});
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

std::vector<std::string> target_set::sources() const {
  std::vector<std::string> names;
  names.reserve(sources_.size());
  for (const auto& [name, entry] : sources_) names.push_back(name);
  return names;
}

std::optional<labels> target_set::discovered(uint64_t identity) const {
  auto at = active_.find(identity);
  if (at == active_.end()) return std::nullopt;
  const auto& [source, index] = at->second.first;
  return factory_.discovered(*source->group, index);
}

void target_set::visit_active(const std::function<void(const target_ptr&, const labels& discovered)>& visitor) const {
  for (const auto& [name, entry] : sources_) {
    for (size_t i = 0; i < entry.outcomes.size(); ++i) {
      if (entry.outcomes[i].what != outcome::kind::active) continue;
      const auto& found = active_.at(entry.outcomes[i].detail);
      if (found.first == holder{&entry, i}) visitor(found.value, factory_.discovered(*entry.group, i));
    }
  }
}

void target_set::visit_dropped(const std::function<void(const dropped_target&)>& visitor) const {
  size_t left = options_.keep_dropped_targets == 0 ? SIZE_MAX : options_.keep_dropped_targets;
  for (const auto& [name, entry] : sources_) {
    for (size_t i = 0; i < entry.outcomes.size(); ++i) {
      const auto& result = entry.outcomes[i];
      dropped_target shown;
      if (result.what == outcome::kind::active) {
        if (active_.at(result.detail).first == holder{&entry, i}) continue;
        shown.why = dropped_target::reason::duplicate;
      } else if (result.what == outcome::kind::rule) {
        shown.rule = result.detail;
      } else {
        auto made = factory_.make(*entry.group, i);
        shown.why = dropped_target::reason::failed;
        shown.message = std::get<error>(made).message;
      }
      if (left-- == 0) return;
      shown.discovered = factory_.discovered(*entry.group, i);
      visitor(shown);
    }
  }
}

}  // namespace rollcall
