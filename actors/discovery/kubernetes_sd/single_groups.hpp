#pragma once

#include "actors/discovery/kubernetes_sd/group_builder.hpp"
#include "actors/discovery/kubernetes_sd/reflector.hpp"
#include "lib/targets/group_table.hpp"

#include <functional>
#include <string_view>
#include <vector>

namespace rollcall::kubernetes {

/// Whether a group is wanted, by the namespace of its object; empty when that has none.
using namespace_filter = std::function<bool(std::string_view name_space)>;

/// The namespace in an object's key.
std::string_view namespace_of(std::string_view key);

/// The groups of a role that are made of one object each. A group is made when its object comes, so that no object is
/// kept, and no group either once it was taken after touch_all().
class single_groups {
 public:
  single_groups(resource role, attached_metadata attach) : role_(role), attach_(attach) {}

  /// As those of catalog.
  void apply(const std::vector<object_change>& changes);
  std::vector<target_group_ptr> take_changes(const namespace_filter& is_wanted);
  void touch_all();

 private:
  resource role_;
  attached_metadata attach_;
  bool settled_ = false;  // Whether everything was touched.
  group_table touched_;
  group_table told_;  // Until everything was touched.
};

}  // namespace rollcall::kubernetes
