#pragma once

#include "actors/discovery/kubernetes_sd/kubernetes_watch.hpp"

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace rollcall {

/// A watch that ends with its last holder.
using shared_watch = std::shared_ptr<const act::owned<kubernetes_watch_actor>>;

/// The watches of a process: discoverers that want the same list share one. Safe from any thread.
class kubernetes_watches {
 public:
  /// The watch of this list, made by `make() -> kubernetes_watch_actor` unless somebody holds one.
  template <class Make>
  shared_watch get(const watched_list& list, const Make& make) {
    std::lock_guard lock(mutex_);
    std::erase_if(entries_, [](const auto& entry) { return entry.second.expired(); });
    for (const auto& [known, watch] : entries_)
      if (known == list)
        if (auto held = watch.lock()) return held;
    auto made = std::make_shared<const act::owned<kubernetes_watch_actor>>(make());
    entries_.emplace_back(list, made);
    return made;
  }

 private:
  std::mutex mutex_;
  std::vector<std::pair<watched_list, std::weak_ptr<const act::owned<kubernetes_watch_actor>>>> entries_;
};

}  // namespace rollcall
