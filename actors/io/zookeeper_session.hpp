#pragma once

#include "lib/znodes/znode_tree.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

struct _zhandle;  // NOLINT(bugprone-reserved-identifier): the library calls it so

namespace rollcall {

struct zookeeper_options {
  /// How long to wait before what failed is tried again.
  std::chrono::milliseconds retry_interval = std::chrono::seconds(10);
  size_t reads_in_flight_max = 256;    ///< Per watch.
  size_t znodes_max = 100'000;         ///< Per watch; a larger tree cannot be read.
  size_t data_bytes_max = 256u << 20;  ///< Per watch, likewise.
};

/// What somebody wants to know, and how to tell.
struct zookeeper_watch {
  std::vector<std::string> servers;
  std::vector<std::string> paths;
  std::chrono::milliseconds session_timeout{0};
  std::function<void(znode_changes)> on_change;
  std::function<void(const std::string&)> on_failure;
};

/// Something the client library called back with.
struct zookeeper_event {
  enum class kind : unsigned char { session, watch, answer };

  uint64_t watch_id = 0;
  uint64_t handle = 0;  ///< Which of the watch's handles; a later one makes its predecessor's events void.
  zookeeper_event::kind what = kind::session;
  int type = 0;        ///< Of a watch's notice.
  int state = 0;       ///< Of the session.
  int code = 0;        ///< Of an answer: ZOK, or what went wrong.
  uint64_t token = 0;  ///< Which read is answered.
  std::string path;    ///< Of a notice.
  std::string data;    ///< What was read, one of the two.
  std::vector<std::string> names;
};

/// One watch: a handle of ZooKeeper's C client, which brings its own threads, and the picture of the trees. All members
/// are called on one thread; what the library's threads call back with goes through `post` and comes back to take().
class zookeeper_session {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  /// Takes events from any thread.
  using post_function = std::function<void(zookeeper_event)>;

  zookeeper_session(uint64_t id, zookeeper_watch watch, const zookeeper_options& options, post_function post);
  /// Ends the ZooKeeper session, which may take until a server has answered.
  ~zookeeper_session();
  zookeeper_session(const zookeeper_session&) = delete;
  zookeeper_session& operator=(const zookeeper_session&) = delete;

  void take(zookeeper_event event, time_point now);
  /// When to call on_due.
  time_point due() const { return due_; }
  void on_due(time_point now);
  /// Tells what changed. Called when no event is waiting, so that changes go together.
  void publish(time_point now);

 private:
  struct handle;

  void open(time_point now);
  void close();
  void on_session_event(int state, time_point now);
  void on_notice(const zookeeper_event& event);
  void on_answer(zookeeper_event& event, time_point now);
  void restart(time_point now);
  void read_on(time_point now);
  void fail(const std::string& error, time_point now);
  bool is_within_bounds() const;

  uint64_t id_;
  zookeeper_watch watch_;
  const zookeeper_options& options_;
  post_function post_;
  znode_tree tree_;
  std::unique_ptr<handle> handle_;
  uint64_t handles_ = 0;
  bool connected_ = false;
  bool reading_ = false;  // false after a failure, until the next attempt
  time_point due_ = time_point::max();
};

}  // namespace rollcall
