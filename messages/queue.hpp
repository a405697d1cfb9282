#pragma once

#include "lib/queue/journal_note.hpp"
#include "lib/queue/store_work.hpp"
#include "messages/scrape.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// Queue: what keeps samples through outages and crashes.
///   write endpoint --queue_work--> queue store --queue_work_done--> write endpoint

namespace rollcall {

using queue_store_work_ptr = std::shared_ptr<const queue::store_work>;
using journal_note_ptr = std::shared_ptr<const queue::journal_note>;
using queue_store_answer_ptr = std::shared_ptr<queue::store_answer>;

/// Work was done, or could not be.
struct queue_work_done {
  queue_store_answer_ptr answer;  ///< For its receiver alone, which may take it apart.

  bool operator==(const queue_work_done&) const = default;
};

/// QUEUE SINK: anyone who has a queue in a store.
using queue_sink_actor = act::handle<
    // What came of the work.
    void(queue_work_done)>;

/// Do this to a queue; see lib/queue/store_work.hpp.
struct queue_work {
  std::string queue;
  queue_store_work_ptr work;
  queue_sink_actor sink;

  bool operator==(const queue_work&) const = default;
};

/// Note this of a queue, so that the end of the process does not take it along.
struct queue_note {
  std::string queue;
  journal_note_ptr note;

  bool operator==(const queue_note&) const = default;
};

/// QUEUE JOURNAL: writes notes down at once.
/// Ends: on exit from its parent.
using queue_journal_actor = act::handle<
    // Writes it down.
    void(queue_note)>;

struct get_queues {
  std::vector<std::string> except;  ///< Names that are not asked for.

  bool operator==(const get_queues&) const = default;
};

/// A queue that a store has, whoever uses it.
struct stored_queue {
  std::string name;
  uint64_t blocks = 0;
  uint64_t bytes = 0;
  uint64_t samples = 0;
  int64_t newest_created = 0;  ///< Milliseconds since the Unix epoch; 0 when it has no blocks.
  uint64_t set_aside = 0;

  bool operator==(const stored_queue&) const = default;
};

struct stored_queues {
  std::vector<stored_queue> queues;
  std::string error;  ///< Why there are none, or empty.

  bool operator==(const stored_queues&) const = default;
};

/// Forget a queue and all that is in it.
struct drop_queue {
  std::string queue;

  bool operator==(const drop_queue&) const = default;
};

/// QUEUE STORE: the only door to what is kept on disk for delivery; in front of a thread of its own.
/// Sends: exactly one queue_work_done per queue_work, in the order of the work, unless it ends before. What is written
/// is on disk from the sync after it on, and safe from the end of the process at once. A note is on disk some time
/// later. Ends: on exit from its parent, after the work that it was given; or with an error when its thread died.
using queue_store_actor = act::handle<
    // Does the work and tells the sink.
    void(queue_work),
    // Writes down what is not written yet, without waiting for other work.
    void(queue_note),
    // All queues but some.
    stored_queues(get_queues),
    // Removes one.
    void(drop_queue)>;

}  // namespace rollcall

ACT_BLOCK_AFTER(rollcall_scrape, rollcall_queue)
ACT_LOCAL_MESSAGE(rollcall_queue, rollcall::queue_work)
ACT_LOCAL_MESSAGE(rollcall_queue, rollcall::queue_work_done)
ACT_LOCAL_MESSAGE(rollcall_queue, rollcall::queue_note)
ACT_LOCAL_MESSAGE(rollcall_queue, rollcall::get_queues)
ACT_LOCAL_MESSAGE(rollcall_queue, rollcall::stored_queues)
ACT_LOCAL_MESSAGE(rollcall_queue, rollcall::drop_queue)
ACT_END(rollcall_queue)
