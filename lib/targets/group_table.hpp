#pragma once

#include "lib/targets/target_group.hpp"

#include <set>
#include <string_view>
#include <utility>

namespace rollcall {

/// Target groups by source, in order of source: the groups' own texts are the keys.
class group_table {
  struct by_source {
    using is_transparent = void;
    bool operator()(const target_group_ptr& a, const target_group_ptr& b) const { return a->source < b->source; }
    bool operator()(const target_group_ptr& a, std::string_view b) const { return a->source < b; }
    bool operator()(std::string_view a, const target_group_ptr& b) const { return a < b->source; }
  };
  using group_set = std::set<target_group_ptr, by_source>;

 public:
  /// The group of a source, or null.
  target_group_ptr find(std::string_view source) const {
    auto found = groups_.find(source);
    return found == groups_.end() ? nullptr : *found;
  }
  /// Takes a group, not null, in the place of what its source had. Returns that, or null.
  target_group_ptr put(target_group_ptr group) {
    auto known = groups_.find(group->source);
    if (known == groups_.end()) {
      groups_.insert(std::move(group));
      return nullptr;
    }
    auto node = groups_.extract(known);
    auto before = std::exchange(node.value(), std::move(group));
    groups_.insert(std::move(node));
    return before;
  }
  /// Forgets a source. Returns what it had, or null.
  target_group_ptr take(std::string_view source) {
    auto known = groups_.find(source);
    return known == groups_.end() ? nullptr : std::move(groups_.extract(known).value());
  }

  size_t size() const { return groups_.size(); }
  bool empty() const { return groups_.empty(); }
  group_set::const_iterator begin() const { return groups_.begin(); }
  group_set::const_iterator end() const { return groups_.end(); }

 private:
  group_set groups_;
};

}  // namespace rollcall
