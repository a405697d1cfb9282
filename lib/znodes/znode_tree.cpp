#include "lib/znodes/znode_tree.hpp"

#include <algorithm>
#include <utility>

namespace rollcall {

namespace {

/// What every path below this one begins with.
std::string inside(const std::string& path) { return path.ends_with('/') ? path : path + '/'; }

}  // namespace

void znode_tree::restart() {
  nodes_.clear();
  changes_.clear();
  unread_.clear();
  missing_.clear();
  open_ = 0;
  data_bytes_ = 0;
  synced_ = false;
  for (const auto& root : roots_) add(root);
}

void znode_tree::retry_missing() {
  for (const auto& root : std::exchange(missing_, {})) add(root);
}

std::optional<znode_read> znode_tree::next_read() {
  while (!unread_.empty()) {
    auto next = std::move(unread_.front());
    unread_.pop_front();
    if (!nodes_.contains(next.path)) continue;
    ++open_;
    return next;
  }
  return std::nullopt;
}

void znode_tree::take_data(const std::string& path, std::string data) {
  --open_;
  auto node = nodes_.find(path);
  if (node == nodes_.end() || node->second == data) return;
  if (node->second) data_bytes_ -= node->second->size();
  data_bytes_ += data.size();
  changes_[path] = data;
  node->second = std::move(data);
}

void znode_tree::take_children(const std::string& path, const std::vector<std::string>& names) {
  --open_;
  if (!nodes_.contains(path)) return;
  auto prefix = inside(path);
  std::set<std::string> children;
  for (const auto& name : names) children.insert(prefix + name);
  std::vector<std::string> gone;
  for (auto node = nodes_.lower_bound(prefix); node != nodes_.end() && node->first.starts_with(prefix); ++node) {
    bool is_child = node->first.find('/', prefix.size()) == std::string::npos && node->first != path;
    if (is_child && !children.contains(node->first) && !is_root(node->first)) gone.push_back(node->first);
  }
  for (const auto& each : gone) remove(each);
  for (const auto& each : children) add(each);
}

void znode_tree::take_absence(const std::string& path) {
  --open_;
  on_deleted(path);
}

void znode_tree::on_data_changed(const std::string& path) { read(path, znode_read::part::data); }

void znode_tree::on_children_changed(const std::string& path) { read(path, znode_read::part::children); }

void znode_tree::on_deleted(const std::string& path) {
  remove(path);
  if (is_root(path)) missing_.insert(path);
}

std::optional<znode_changes> znode_tree::take_changes() {
  if (!synced_) {
    if (open_ > 0 || !unread_.empty()) return std::nullopt;
    synced_ = true;
    changes_.clear();
    znode_changes all{{}, true};
    for (const auto& [path, data] : nodes_)
      if (data) all.changes.push_back({path, data});
    return all;
  }
  if (changes_.empty()) return std::nullopt;
  znode_changes some;
  for (auto& [path, data] : std::exchange(changes_, {})) some.changes.push_back({path, std::move(data)});
  return some;
}

void znode_tree::add(const std::string& path) {
  if (!nodes_.emplace(path, std::nullopt).second) return;
  read(path, znode_read::part::data);
  read(path, znode_read::part::children);
}

void znode_tree::remove(const std::string& path) {
  auto prefix = inside(path);
  if (auto node = nodes_.find(path); node != nodes_.end()) erase(node);
  for (auto node = nodes_.lower_bound(prefix); node != nodes_.end() && node->first.starts_with(prefix);) {
    auto next = std::next(node);
    erase(node);
    node = next;
  }
}

void znode_tree::erase(std::map<std::string, std::optional<std::string>>::iterator node) {
  if (node->second) {
    data_bytes_ -= node->second->size();
    changes_[node->first] = std::nullopt;
  }
  nodes_.erase(node);
}

bool znode_tree::is_root(const std::string& path) const {
  return std::find(roots_.begin(), roots_.end(), path) != roots_.end();
}

}  // namespace rollcall
