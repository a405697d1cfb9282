#include "actors/discovery/kubernetes_sd/catalog.hpp"

namespace rollcall::kubernetes {

catalog::catalog(resource role, attached_metadata attach) : role_(role), attach_(attach) {
  if (resources_of(role, attach).size() == 1) singles_.emplace(role, attach);
}

void catalog::apply(resource of, const std::vector<object_change>& changes) {
  if (singles_) return singles_->apply(changes);
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
  if (singles_) return singles_->touch_all();
  for (const auto& [key, object] : table(role_)) touched_.insert(key);
  settled_ = true;
}

std::vector<target_group_ptr> catalog::take_changes(const namespace_filter& is_wanted) {
  if (singles_) return singles_->take_changes(is_wanted);
  std::vector<target_group_ptr> groups;
  for (auto each = touched_.begin(); each != touched_.end();) {
    if (!is_wanted(namespace_of(*each))) {
      ++each;
      continue;
    }
    if (auto group = build(*each)) groups.push_back(std::make_shared<target_group>(std::move(*group)));
    if (settled_ && !uses_.contains(*each)) table(role_).erase(*each);
    each = touched_.erase(each);
  }
  return groups;
}

std::optional<target_group> catalog::build(const std::string& key) {
  forget_uses(key);
  auto found = table(role_).find(key);
  if (found == table(role_).end()) return gone_group(role_, key);
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
