#pragma once

#include "actors/discovery/kubernetes_sd/group_builder.hpp"
#include "actors/discovery/kubernetes_sd/reflector.hpp"
#include "actors/discovery/kubernetes_sd/single_groups.hpp"

#include <array>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace rollcall::kubernetes {

/// The objects that one role's groups are made of, and which groups each of them touches. An object whose group depends
/// on no other is let go once its group was taken after touch_all(): it can be told again by a change of its own alone.
class catalog {
 public:
  catalog(resource role, attached_metadata attach);

  /// Takes changes of objects of one resource.
  void apply(resource of, const std::vector<object_change>& changes);

  /// The groups that were touched since they were last taken and whose namespaces satisfy the predicate. The others
  /// wait. The group of an object that went has no targets.
  std::vector<target_group_ptr> take_changes(const namespace_filter& is_wanted);

  /// Has every group taken again; once, when everything is known.
  void touch_all();

 private:
  using object_name = std::pair<resource, std::string>;
  struct object_name_hash {
    size_t operator()(const object_name& name) const {
      return std::hash<std::string>()(name.second) * resource_count + static_cast<size_t>(name.first);
    }
  };
  using object_table = std::unordered_map<std::string, object_ptr>;

  object_table& table(resource of) { return tables_.at(static_cast<size_t>(of)); }
  const object* look_up(resource of, const std::string& key, const std::string& asker);
  void forget_uses(const std::string& key);
  std::optional<target_group> build(const std::string& key);

  resource role_;
  attached_metadata attach_;
  std::optional<single_groups> singles_;  // If every group is of one object; then nothing of what follows is used.
  std::array<object_table, resource_count> tables_;
  bool settled_ = false;           // Whether everything was touched.
  std::set<std::string> touched_;  // Keys of the role's objects.
  // Which groups looked up which objects, found or not; both ways.
  std::unordered_map<object_name, std::set<std::string>, object_name_hash> users_;
  std::unordered_map<std::string, std::set<object_name>> uses_;
};

}  // namespace rollcall::kubernetes
