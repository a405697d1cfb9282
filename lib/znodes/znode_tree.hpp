#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall {

/// A znode's data, or that it is gone.
struct znode_change {
  std::string path;
  std::optional<std::string> data;  ///< Nothing means that there is no such znode any more.

  bool operator==(const znode_change&) const = default;
};

/// What to read of a znode; whoever reads it leaves a watch there.
struct znode_read {
  enum class part : unsigned char { data, children };

  std::string path;
  znode_read::part what = part::data;

  bool operator==(const znode_read&) const = default;
};

/// What follows from everything that was read.
struct znode_changes {
  std::vector<znode_change> changes;
  bool complete = false;  ///< Whether these are all znodes there are.

  bool operator==(const znode_changes&) const = default;
};

/// Keeps a picture of some trees of znodes up to date. It knows no server: it says what to read, takes what was read
/// and what the watches told, and says what changed. Whatever order answers and notices come in, once every read is
/// answered the picture is that of the last answers.
class znode_tree {
 public:
  /// Paths of the roots, each beginning with a slash.
  explicit znode_tree(std::vector<std::string> roots) : roots_(std::move(roots)) {}

  /// Reads everything anew. Until that is done, nothing is said to have changed.
  void restart();
  /// Reads those roots again that were not there.
  void retry_missing();

  /// The next thing to read, if there is any. It is open until it is answered.
  std::optional<znode_read> next_read();
  size_t open_reads() const { return open_; }

  // Answers to reads. Those to reads from before a restart must be kept away.
  void take_data(const std::string& path, std::string data);
  void take_children(const std::string& path, const std::vector<std::string>& names);
  void take_absence(const std::string& path);

  // Notices of watches.
  void on_data_changed(const std::string& path);
  void on_children_changed(const std::string& path);
  void on_deleted(const std::string& path);

  /// What changed since the last call. Nothing while the first reading is under way; then everything at once.
  std::optional<znode_changes> take_changes();
  /// Roots that do not exist.
  const std::set<std::string>& missing() const { return missing_; }
  size_t size() const { return nodes_.size(); }
  size_t data_bytes() const { return data_bytes_; }

 private:
  void add(const std::string& path);
  void read(const std::string& path, znode_read::part what) { unread_.push_back({path, what}); }
  void remove(const std::string& path);
  void erase(std::map<std::string, std::optional<std::string>>::iterator node);
  bool is_root(const std::string& path) const;

  std::vector<std::string> roots_;
  std::map<std::string, std::optional<std::string>> nodes_;  // by path; no data: not read yet
  std::map<std::string, std::optional<std::string>> changes_;
  std::deque<znode_read> unread_;
  std::set<std::string> missing_;
  size_t open_ = 0;
  size_t data_bytes_ = 0;
  bool synced_ = false;  // whether everything was read once
};

}  // namespace rollcall
