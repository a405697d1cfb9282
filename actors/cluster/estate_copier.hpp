#pragma once

#include "actors/act.hpp"
#include "actors/cluster/cluster_worker.hpp"

#include <optional>
#include <vector>

namespace rollcall {

/// Copy what the loops know.
struct make_copies {
  bool operator==(const make_copies&) const = default;
};

/// They are made, and it is time for the next ones.
struct copies_made {
  bool operator==(const copies_made&) const = default;
};

/// So many bytes have been told that a moment has to pass.
struct pause_over {
  bool operator==(const pause_over&) const = default;
};

/// COPY SINK: whoever wants to have what loops know.
using copy_sink_actor = act::handle<
    // All that one of them knows.
    void(estate_copied)>;

/// ESTATE COPIER: asks some loops in turn what they know, and writes it down; a loop that knows nothing else than it
/// did when it was copied last costs no more than the question.
/// Sends: estate_copied to its sink.
/// Ends: with its answer.
using estate_copier_actor = act::handle<
    // The answer comes once the copies keep to the pace.
    copies_made(make_copies)>;

/// A loop, and what was copied of it before.
struct copied_loop {
  cluster::tenancy which = cluster::no_tenancy;
  uint64_t version = 0;
  scrape_loop_actor loop;
};

struct estate_copier_options {
  copy_sink_actor sink;
  uint64_t session = 0;
  std::vector<copied_loop> loops;
  std::chrono::milliseconds loop_timeout = std::chrono::seconds(2);
  size_t bytes_per_second = size_t{2} << 20;
};

struct estate_copier_state : act::state_base {
  static inline const char* name = "estate-copier";

  estate_copier_options options;
  size_t next = 0;   // of the loops
  size_t bytes = 0;  // told so far
  std::optional<caf::typed_response_promise<copies_made>> asked;
  act::watcher watchers;
};

estate_copier_actor spawn_estate_copier(caf::actor_system& system, estate_copier_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::make_copies)
ACT_PRIVATE_MESSAGE(rollcall::copies_made)
ACT_PRIVATE_MESSAGE(rollcall::pause_over)
