#pragma once

#include "actors/act.hpp"
#include "lib/queue/journal.hpp"
#include "messages/queue.hpp"

#include <string>

namespace rollcall {

struct queue_journal_state : act::state_base {
  static inline const char* name = "queue-journal";

  queue::journal_ptr notes;
  bool is_broken = false;  // and that was told
  act::watcher watchers;
};

/// Runs on a thread of its own, as a disk may make it wait. What a journal does not take is logged, once until it does
/// again: the store gets it all the same, only later. `notes` is never null.
queue_journal_actor spawn_queue_journal(caf::actor_system& system, queue::journal_ptr notes);

}  // namespace rollcall
