#pragma once

#include "actors/act.hpp"
#include "messages/nodes.hpp"

#include <string>
#include <utility>
#include <vector>

namespace rollcall {

/// Ask all workers.
struct read_fleet {
  bool operator==(const read_fleet&) const = default;
};

/// FLEET READER: asks workers one question, each page by page, and adds up what they say.
/// Sends: get_loops_page to the workers, one at a time to each.
/// Ends: with its answer.
using fleet_reader_actor = act::handle<
    // What came in time.
    fleet_report(read_fleet)>;

struct fleet_reader_options {
  loops_question about;
  std::vector<std::pair<std::string, worker_port_actor>> workers;
  std::chrono::milliseconds deadline = std::chrono::seconds(5);
  size_t bytes_max = size_t{512} << 20;  ///< Of all pages together; a worker that goes beyond counts as unheard.
};

struct fleet_reader_state : act::state_base {
  static inline const char* name = "fleet-reader";

  fleet_reader_options options;
  act::time_point end;
  fleet_report report;
  size_t bytes = 0;
  size_t open = 0;  // workers that have more to say
  caf::typed_response_promise<fleet_report> promise;
  act::watcher watchers;
};

fleet_reader_actor spawn_fleet_reader(caf::actor_system& system, fleet_reader_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::read_fleet)
