#include "actors/io/queue_journal.hpp"

#include "lib/base/assert.hpp"
#include "lib/log/log.hpp"

#include <utility>

namespace rollcall {

namespace {

using self_ptr = act::self_ptr<queue_journal_actor, queue_journal_state>;

void on(self_ptr self, const queue_note& order) {
  ROLLCALL_ASSERT(order.note != nullptr);
  auto& state = act::state(self);
  auto done = state.notes->append(order.queue, *order.note);
  if (done.has_value() != state.is_broken) return;
  state.is_broken = !done;
  if (done) {
    log::info("queue-journal", "What comes in is noted on disk at once again");
  } else {
    log::error("queue-journal",
               "What comes in cannot be noted on disk at once; a crash may cost what is not stored yet",
               {{"err", done.error().message}});
  }
}

act::behavior_of<queue_journal_actor> queue_journal(self_ptr self, queue::journal_ptr notes) {
  auto& state = act::state(self);
  state.notes = std::move(notes);
  act::init(self, state.watchers);
  return {[self](const queue_note& order) { on(self, order); }};
}

}  // namespace

queue_journal_actor spawn_queue_journal(caf::actor_system& system, queue::journal_ptr notes) {
  return system.spawn<caf::detached>(queue_journal, std::move(notes));
}

}  // namespace rollcall
