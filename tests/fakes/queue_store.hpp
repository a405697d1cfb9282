#pragma once

#include "actors/act.hpp"
#include "messages/queue.hpp"
#include "tests/fakes/memory_store.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace rollcall::test {

/// A journal's notes. It is not done with those that stay here.
using note_list = std::vector<std::shared_ptr<const queue::journal_note>>;

/// A queue store in front of a store in memory, which does everything at once. Notes are put on the list.
inline queue_store_actor::behavior_type fake_queue_store(queue_store_actor::pointer,
                                                         std::shared_ptr<memory_store> store,
                                                         std::shared_ptr<note_list> notes) {
  return {
      [store](const queue_work& order) {
        auto answer = std::make_shared<queue::store_answer>(queue::perform(*store, order.queue, *order.work));
        act::tell(order.sink, queue_work_done{std::move(answer)});
      },
      [notes](const queue_note& told) {
        if (notes) notes->push_back(told.note);
      },
      [store](const get_queues& asked) {
        stored_queues all;
        auto names = store->queues();
        for (const auto& name : *names) {
          if (std::find(asked.except.begin(), asked.except.end(), name) != asked.except.end()) continue;
          stored_queue found;
          found.name = name;
          auto contents = store->contents(name);
          found.set_aside = contents->set_aside.size();
          for (const auto& block : contents->blocks) {
            ++found.blocks;
            found.samples += block.samples;
            found.newest_created = std::max(found.newest_created, block.created);
          }
          all.queues.push_back(std::move(found));
        }
        return all;
      },
      [store](const drop_queue& order) { (void)store->drop(order.queue); },
  };
}

}  // namespace rollcall::test
