#pragma once

#include "actors/act.hpp"
#include "actors/environment.hpp"
#include "messages/nodes.hpp"

#include <vector>

namespace rollcall {

/// Ask the loops, and answer for all of them.
struct write_page {
  bool operator==(const write_page&) const = default;
};

/// LOOP REPORTER: asks some loops one question and writes their answers on a page.
/// Ends: with its answer.
using loop_reporter_actor = act::handle<
    // The page; shorter than it could be when it would hold too many bytes.
    loops_page(write_page)>;

struct loop_reporter_options {
  struct reported {
    uint64_t place = 0;  ///< In the order of all loops.
    uint64_t key = 0;
    scrape_loop_actor loop;
  };

  environment_ptr environment;
  loops_question about;
  std::vector<reported> loops;  ///< In order of their places.
  uint64_t end = 0;             ///< Of the page, if it holds all of them.
  std::chrono::milliseconds loop_timeout = std::chrono::seconds(2);
  /// What a page holds unless a single loop has more to say.
  size_t page_bytes_wanted = size_t{1} << 20;
  size_t series_max = 2'000'000;  ///< Of one loop, on a page of samples: above what any answer may hold.
};

struct loop_reporter_state : act::state_base {
  static inline const char* name = "loop-reporter";

  loop_reporter_options options;
  act::watcher watchers;
};

loop_reporter_actor spawn_loop_reporter(caf::actor_system& system, loop_reporter_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::write_page)
