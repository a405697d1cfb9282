#pragma once

#include "actors/act.hpp"
#include "actors/io/store_thread.hpp"
#include "lib/queue/journal.hpp"
#include "messages/queue.hpp"

#include <memory>
#include <string>

namespace rollcall {

/// The thread below ended by a fault.
struct store_thread_failed {
  std::string error;

  bool operator==(const store_thread_failed&) const = default;
};

/// The thread has looked up what a question was about.
struct queues_found {
  uint64_t question = 0;
  stored_queues answer;

  bool operator==(const queues_found&) const = default;
};

struct queue_store_options {
  store_thread_options thread;
  queue::journal_ptr journal = {};  ///< Null when notes are not to be kept.
};

struct queue_store_state : act::state_base {
  static inline const char* name = "queue-store";

  std::unique_ptr<store_thread> thread;
  act::owned<queue_journal_actor> journal;
  uint64_t last_question = 0;
  std::map<uint64_t, caf::typed_response_promise<stored_queues>> questions;
  act::watcher watchers;
};

queue_store_actor spawn_queue_store(caf::actor_system& system, queue_store_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::store_thread_failed)
ACT_PRIVATE_MESSAGE(rollcall::queues_found)
