#include "actors/io/queue_store.hpp"

#include "actors/io/queue_journal.hpp"
#include "lib/base/assert.hpp"

#include <algorithm>
#include <utility>

namespace rollcall {

namespace {

using queue_store_impl = act::extended<queue_store_actor, void(store_thread_failed), void(queues_found)>;
using self_ptr = act::self_ptr<queue_store_impl, queue_store_state>;

/// The sink hears from the thread directly; a detour by this actor would cost a wake-up per answer.
void on(self_ptr self, const queue_work& order) {
  ROLLCALL_ASSERT(order.work != nullptr && order.sink != nullptr);
  act::state(self).thread->submit([order](queue::block_store& store) {
    auto answer = std::make_shared<queue::store_answer>(queue::perform(store, order.queue, *order.work));
    act::tell(order.sink, queue_work_done{std::move(answer)});
  });
}

stored_queue describe(const std::string& name, const queue::queue_contents& contents) {
  stored_queue found;
  found.name = name;
  found.blocks = contents.blocks.size();
  found.set_aside = contents.set_aside.size();
  for (const auto& each : contents.blocks) {
    found.bytes += each.bytes;
    found.samples += each.samples;
    found.newest_created = std::max(found.newest_created, each.created);
  }
  return found;
}

stored_queues find_queues(queue::block_store& store, const std::vector<std::string>& except) {
  stored_queues all;
  auto names = store.queues();
  if (!names) return {{}, names.error().message};
  for (const auto& name : *names) {
    if (std::find(except.begin(), except.end(), name) != except.end()) continue;
    auto contents = store.contents(name);
    if (!contents) return {{}, contents.error().message};
    all.queues.push_back(describe(name, *contents));
  }
  return all;
}

caf::result<stored_queues> on(self_ptr self, const get_queues& asked) {
  auto& state = act::state(self);
  auto promise = self->make_response_promise<stored_queues>();
  auto question = ++state.last_question;
  state.questions.emplace(question, promise);
  state.thread->submit([me = queue_store_impl{self}, question, except = asked.except](queue::block_store& store) {
    act::tell(me, queues_found{question, find_queues(store, except)});
  });
  return promise;
}

void on(self_ptr self, queues_found& found) {
  auto& questions = act::state(self).questions;
  auto open = questions.find(found.question);
  if (open == questions.end()) return;
  open->second.deliver(std::move(found.answer));
  questions.erase(open);
}

void on(self_ptr self, const queue_note& order) {
  auto& state = act::state(self);
  if (state.journal) act::tell(state.journal.get(), order);
}

// A failure shows with the next work; nobody waits for this.
void on(self_ptr self, const drop_queue& order) {
  act::state(self).thread->submit([name = order.queue](queue::block_store& store) { (void)store.drop(name); });
  queue::journal_note gone;
  gone.needed_from = queue::journal_note::nothing_needed;
  on(self, queue_note{order.queue, std::make_shared<const queue::journal_note>(std::move(gone))});
}

act::behavior_of<queue_store_impl> queue_store(self_ptr self, queue_store_options options) {
  auto& state = act::state(self);
  act::init(self, state.watchers);
  auto failed = [me = queue_store_impl(self)](const std::string& error) { act::tell(me, store_thread_failed{error}); };
  state.thread = std::make_unique<store_thread>(std::move(options.thread), std::move(failed));
  if (options.journal) {
    state.journal = spawn_queue_journal(self->system(), std::move(options.journal));
    // Both are started again, together.
    act::watch(self, state.watchers, state.journal.get(),
               [self](const std::string& error) { act::crash(self, error); });
  }
  return {
      [self](const queue_work& order) { on(self, order); },
      [self](const queue_note& order) { on(self, order); },
      [self](const get_queues& question) { return on(self, question); },
      [self](const drop_queue& order) { on(self, order); },
      [self](const store_thread_failed& failed) { act::crash(self, failed.error); },
      [self](queues_found& found) { on(self, found); },
  };
}

}  // namespace

queue_store_actor spawn_queue_store(caf::actor_system& system, queue_store_options options) {
  return system.spawn(queue_store, std::move(options));
}

}  // namespace rollcall
