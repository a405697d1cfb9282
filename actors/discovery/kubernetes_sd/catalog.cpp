#include "actors/discovery/kubernetes_sd/catalog.hpp"

namespace rollcall::kubernetes {

namespace {

std::string_view namespace_of(std::string_view key) {
  const auto slash = key.find('/');
  return slash == std::string_view::npos ? std::string_view() : key.substr(0, slash);
}

}  // namespace

void catalog::apply(resource of, const std::vector<object_change>& changes) {
  auto& objects = table(of);
  for (const auto& change : changes) {
    if (change.object)
      objects.insert_or_assign(change.key, change.object);
    else
      objects.erase(change.key);
    if (of == role_) touched_.insert(change.key);
    if (auto users = users_.find({of, change.key}); users != users_.end())
      touched_.insert(users->second.begin(), users->second.end());
  }
}

void catalog::touch_all() {
  for (const auto& [key, object] : table(role_)) touched_.insert(key);
  settled_ = true;
}

std::vector<target_group> catalog::take_changes(const std::function<bool(std::string_view name_space)>& is_wanted) {
  std::vector<target_group> groups;
  for (auto each = touched_.begin(); each != touched_.end();) {
    if (!is_wanted(namespace_of(*each))) {
      ++each;
      continue;
    }
    if (auto group = build(*each)) groups.push_back(std::move(*group));
    if (settled_ && !uses_.contains(*each)) table(role_).erase(*each);
    each = touched_.erase(each);
  }
  return groups;
}

std::optional<target_group> catalog::build(const std::string& key) {
  forget_uses(key);
  auto found = table(role_).find(key);
  if (found == table(role_).end()) {
    target_group gone;
    gone.source = source_of(role_, key);
    return gone;
  }
  return build_group(role_, *found->second, attach_,
                     [&](resource of, const std::string& wanted) { return look_up(of, wanted, key); });
}

const object* catalog::look_up(resource of, const std::string& key, const std::string& asker) {
  if (uses_[asker].insert({of, key}).second) users_[{of, key}].insert(asker);
  auto found = table(of).find(key);
  return found == table(of).end() ? nullptr : found->second.get();
}

void catalog::forget_uses(const std::string& key) {
  auto uses = uses_.find(key);
  if (uses == uses_.end()) return;
  for (const auto& used : uses->second) {
    auto users = users_.find(used);
    users->second.erase(key);
    if (users->second.empty()) users_.erase(users);
  }
  uses_.erase(uses);
}

}  // namespace rollcall::kubernetes
