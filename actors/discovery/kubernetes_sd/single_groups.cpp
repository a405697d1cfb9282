#include "actors/discovery/kubernetes_sd/single_groups.hpp"

namespace rollcall::kubernetes {

std::string_view namespace_of(std::string_view key) {
  const auto slash = key.find('/');
  return slash == std::string_view::npos ? std::string_view() : key.substr(0, slash);
}

void single_groups::apply(const std::vector<object_change>& changes) {
  const object_lookup nothing = [](resource, const std::string&) { return nullptr; };
  for (const auto& change : changes) {
    auto group = change.object ? build_group(role_, *change.object, attach_, nothing) : gone_group(role_, change.key);
    if (group) touched_.put(std::make_shared<target_group>(std::move(*group)));
  }
}

std::vector<target_group_ptr> single_groups::take_changes(const namespace_filter& is_wanted) {
  std::vector<target_group_ptr> wanted;
  for (const auto& group : touched_)
    if (is_wanted(namespace_of(key_of(role_, group->source)))) wanted.push_back(group);
  for (const auto& group : wanted) {
    touched_.take(group->source);
    if (!settled_) told_.put(group);
  }
  return wanted;
}

void single_groups::touch_all() {
  for (const auto& group : told_)
    if (!touched_.find(group->source)) touched_.put(group);
  told_.clear();
  settled_ = true;
}

}  // namespace rollcall::kubernetes
