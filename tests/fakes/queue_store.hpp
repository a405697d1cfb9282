#pragma once

#include "actors/act.hpp"
#include "messages/queue.hpp"
#include "tests/fakes/memory_store.hpp"

#include <algorithm>
#include <memory>

namespace rollcall::test {

/// A queue store in front of a store in memory, which does everything at once.
inline queue_store_actor::behavior_type fake_queue_store(queue_store_actor::pointer,
                                                         std::shared_ptr<memory_store> store) {
  return {
      [store](const queue_work& order) {
        auto answer = std::make_shared<queue::store_answer>(queue::perform(*store, order.queue, *order.work));
        act::tell(order.sink, queue_work_done{std::move(answer)});
      },
      [](const queue_note&) {},
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
