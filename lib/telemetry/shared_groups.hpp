#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace rollcall {

/// Hands out one shared Group per key and destroys it with its last user. A plain weak_ptr would not do: the group that
/// is about to die would take metrics out of the registry that its successor already uses. Safe from any thread; the
/// groups may outlive this object.
template <class Key, class Group>
class shared_groups {
 public:
  /// The group of the key; made by `make() -> unique_ptr<Group>` if nobody uses it yet.
  template <class Make>
  std::shared_ptr<Group> get(const Key& key, Make make) {
    std::lock_guard lock(table_->mutex);
    auto& entry = table_->entries[key];
    if (!entry.group) entry.group = make();
    ++entry.users;
    return std::shared_ptr<Group>(entry.group.get(), [table = table_, key](Group*) { release(*table, key); });
  }

 private:
  struct entry {
    std::unique_ptr<Group> group;
    std::size_t users = 0;
  };
  struct table {
    std::mutex mutex;
    std::map<Key, entry> entries;
  };

  static void release(table& table, const Key& key) {
    std::lock_guard lock(table.mutex);
    auto found = table.entries.find(key);
    if (--found->second.users == 0) table.entries.erase(found);
  }

  std::shared_ptr<table> table_ = std::make_shared<table>();
};

}  // namespace rollcall
