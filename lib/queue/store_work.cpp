#include "lib/queue/store_work.hpp"

namespace rollcall::queue {

namespace {

// What is set aside must have been there before, so blocks come first. They are never fewer than they should be: what
// replaces others is written before those are erased.
result<void> write(block_store& store, const std::string& queue, const queue_changes& changes) {
  if (!changes.appended.empty()) {
    if (auto done = store.change(queue, {.appended = changes.appended}); !done) return done;
  }
  auto rest = changes;
  rest.appended.clear();
  return rest.empty() ? result<void>() : store.change(queue, rest);
}

}  // namespace

store_answer perform(block_store& store, const std::string& queue, const store_work& work) {
  store_answer answer;
  answer.tag = work.tag;
  if (work.what == store_work::kind::open) {
    auto contents = store.contents(queue);
    if (!contents) {
      answer.failure = contents.error();
    } else {
      answer.contents = std::move(*contents);
    }
    return answer;
  }
  if (auto done = write(store, queue, work.changes); !done) answer.failure = done.error();
  for (auto sequence : work.wanted) answer.read.push_back(store.read(queue, sequence));
  for (auto sequence : work.wanted_set_aside) answer.read_set_aside.push_back(store.read_set_aside(queue, sequence));
  return answer;
}

}  // namespace rollcall::queue
