#pragma once

#include "actors/io/wakeup.hpp"

#include <curl/curl.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace rollcall {

/// Many libcurl multi handles on one epoll set. Each multi handle caches connections, and what a request costs in it
/// grows with the connections it holds, hence many small ones. Belongs to one thread; only wake() may come from others.
class curl_reactor {
 public:
  /// A transfer that ended, and how.
  struct finished {
    CURL* handle;
    CURLcode code;
  };

  /// Throws std::runtime_error when the system has no descriptors left.
  curl_reactor(std::size_t shards, long connections_per_shard_max);
  ~curl_reactor();
  curl_reactor(const curl_reactor&) = delete;
  curl_reactor& operator=(const curl_reactor&) = delete;

  /// Which multi handle requests of this affinity use.
  std::size_t shard_of(uint32_t affinity) const;

  /// Starts a transfer. The handle must stay until it was finished or removed.
  void add(CURL* handle, std::size_t shard);
  void remove(CURL* handle, std::size_t shard);

  /// Blocks until there is something to do or wake() was called, does it, and appends the transfers that ended. They
  /// are no longer in any multi handle.
  void run_once(std::vector<finished>& out);

  /// Makes the current or the next run_once return soon. From any thread.
  void wake() const;

 private:
  using time_point = std::chrono::steady_clock::time_point;

  struct shard {
    curl_reactor* reactor = nullptr;
    CURLM* multi = nullptr;
    time_point due = time_point::max();
    bool touched = false;
  };
  /// What epoll gives back; outlives its descriptor until the events at hand are worked off.
  struct watched {
    shard* owner;
    curl_socket_t socket;
  };

  static int on_socket(CURL* handle, curl_socket_t socket, int what, void* shard, void* watched) noexcept;
  static int on_timer(CURLM* multi, long timeout, void* shard) noexcept;
  int next_timeout() const;
  void work_off_events(int timeout);
  void work_off_timers();
  void reap(shard& owner, std::vector<finished>& out);

  int epoll_ = -1;
  wakeup wakeup_;
  std::vector<shard> shards_;
  std::vector<std::unique_ptr<watched>> unwatched_;
};

}  // namespace rollcall
