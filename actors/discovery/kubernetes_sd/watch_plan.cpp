#include "actors/discovery/kubernetes_sd/watch_plan.hpp"

#include <algorithm>

namespace rollcall {

namespace {

using kubernetes::facts_of;
using kubernetes::resource;

std::vector<std::string> namespaces_of(const kubernetes_sd_options& options, const std::string& own_namespace) {
  auto names = options.namespaces;
  if (options.own_namespace && !own_namespace.empty() &&
      std::find(names.begin(), names.end(), own_namespace) == names.end())
    names.push_back(own_namespace);
  if (names.empty()) names.emplace_back();
  return names;
}

}  // namespace

std::vector<planned_watch> plan_watches(const kubernetes_sd_options& options, const std::string& own_namespace) {
  std::vector<planned_watch> plan;
  for (auto each : resources_of(options.role, options.attach)) {
    const bool essential = each != resource::replica_set && each != resource::job;
    if (!facts_of(each).namespaced) {
      plan.push_back({each, "", essential});
      continue;
    }
    for (auto& name_space : namespaces_of(options, own_namespace)) plan.push_back({each, name_space, essential});
  }
  return plan;
}

void watch_progress::set_error(size_t watch, const std::string& error) {
  auto& state = states_.at(watch);
  state.has_failed = state.has_failed || !error.empty();
  state.error = error;
}

bool watch_progress::settled(size_t watch) const {
  const auto& state = states_[watch];
  return state.known || (!plan_[watch].essential && state.has_failed);
}

bool watch_progress::is_settled(std::string_view name_space) const {
  for (size_t i = 0; i < plan_.size(); ++i) {
    const auto& of = plan_[i].name_space;
    if ((of.empty() || name_space.empty() || of == name_space) && !settled(i)) return false;
  }
  return true;
}

bool watch_progress::all_settled() const {
  for (size_t i = 0; i < plan_.size(); ++i)
    if (!settled(i)) return false;
  return true;
}

std::string watch_progress::error() const {
  auto found =
      std::find_if(states_.begin(), states_.end(), [](const watch_state& each) { return !each.error.empty(); });
  return found == states_.end() ? "" : found->error;
}

}  // namespace rollcall
