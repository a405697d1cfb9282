#pragma once

#include "actors/discovery/kubernetes_sd/object_reader.hpp"
#include "lib/targets/backoff.hpp"

#include <chrono>
#include <string>
#include <unordered_map>
#include <vector>

namespace rollcall::kubernetes {

/// An object came, changed what it says, or went.
struct object_change {
  std::string key;
  object_ptr object;  ///< Null when it went.

  bool operator==(const object_change&) const = default;
};

/// Why a request did not serve its purpose.
enum class trouble : unsigned char {
  unreachable,  ///< There was no answer, or it was cut short, or the server has too much to do.
  refused,      ///< The server said no.
  expired,      ///< The server no longer knows the version that was named.
  malformed     ///< The answer makes no sense, so that nothing of it may be relied on.
};

/// Follows all objects of one list: fetches it in pages, then watches from its version on, and begins again when the
/// server has lost the thread. An object that a page has is told with that page; what was known and is not listed is
/// gone when a whole new list says so. Of an object it keeps no more than it takes to see that it changed. Knows no
/// time and no network: it says what to ask next, and is told what came of it.
class reflector {
 public:
  enum class phase : unsigned char { list, watch };

  struct options {
    uint64_t page_items = 500;
    backoff_options retry{.initial = std::chrono::seconds(1), .max = std::chrono::seconds(30)};
    /// The server ends a watch after a time between this and twice as much.
    std::chrono::seconds watch_time = std::chrono::minutes(5);
    /// A watch without events that ended sooner is taken for trouble.
    std::chrono::seconds watch_time_min{1};
  };

  explicit reflector(options options) : options_(options), retry_(options.retry) {}

  phase next_phase() const { return phase_; }
  /// The query of the next request. The argument is uniform in [0, 1).
  std::string next_query(double random_unit) const;

  /// A page came. With the last one comes what went as well.
  std::vector<object_change> take(list_page page);
  /// An event came, not one of kind error. Adds to the changes, unless nothing that anybody sees has changed.
  void take(const watch_event& event, std::vector<object_change>& changes);
  /// The server ended the watch in good order. Returns how long to wait before the next request.
  std::chrono::milliseconds ended(std::chrono::nanoseconds lived, double random_unit);
  /// Returns how long to wait before the next request.
  std::chrono::milliseconds failed(trouble why, double random_unit);

  /// Has everything listed from the beginning, and every object count as changed then: for somebody who comes later.
  /// Returns whether the answer to the last query is of no use for that.
  bool list_again();

  /// How many objects are known.
  size_t size() const { return known_.size() + listed_.size(); }

 private:
  /// What the next list has to be at least as new as.
  enum class freshness : unsigned char { any, known_version, newest };

  using digest_table = std::unordered_map<std::string, uint64_t>;  // By key; 0 is like none.

  void begin_list(freshness wanted);
  void list(object_ptr found, std::vector<object_change>& changes);
  void end_list(std::vector<object_change>& changes);

  options options_;
  backoff retry_;
  phase phase_ = phase::list;
  freshness wanted_ = freshness::any;
  bool synced_ = false;       // Whether a whole list has been seen.
  bool events_came_ = false;  // Since the watch began.
  std::string version_;       // Up to where everything is known.
  std::string continue_token_;
  digest_table known_;
  digest_table listed_;  // Those of known_ that the list under way has named, and what it has brought.
};

}  // namespace rollcall::kubernetes
