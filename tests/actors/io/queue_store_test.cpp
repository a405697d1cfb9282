#include "actors/io/queue_store.hpp"

#include "tests/fakes/memory_store.hpp"
#include "tests/lib/queue/made_block.hpp"
#include "tests/support/actor_system.hpp"

#include <catch2/catch.hpp>

#include <condition_variable>
#include <mutex>
#include <stdexcept>

namespace rollcall {

namespace {

using namespace std::chrono_literals;

// A memory store that tells of its syncs, and fails as no store should.
class watched_store : public test::memory_store {
 public:
  result<void> sync() override {
    std::lock_guard lock(mutex_);
    ++synced_;
    changed_.notify_all();
    return memory_store::sync();
  }
  queue::stored_block read(const std::string& queue, uint64_t sequence) override {
    if (queue == "cursed") throw std::logic_error("cursed");
    return memory_store::read(queue, sequence);
  }
  bool wait_for_sync() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 30s, [this] { return synced_ > 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t synced_ = 0;
};

struct store_fixture {
  store_fixture() { start(24h); }

  void start(std::chrono::milliseconds sync_interval) {
    actor = system.adopt(spawn_queue_store(system.system(), {{store, sync_interval}}));
  }
  void work(const std::string& queue, queue::store_work what) {
    act::tell(actor, queue_work{queue, std::make_shared<const queue::store_work>(std::move(what)), sink.handle()});
  }
  void append(const std::string& queue, uint64_t sequence) {
    queue::store_work what;
    what.tag = sequence;
    what.changes.appended = {test::shared(test::made_block(sequence))};
    work(queue, std::move(what));
  }

  std::shared_ptr<watched_store> store = std::make_shared<watched_store>();
  test::threaded_system system;
  test::probe<queue_sink_actor> sink = system.spawn_probe<queue_sink_actor>();
  queue_store_actor actor;
};

}  // namespace

TEST_CASE_METHOD(store_fixture, "work is done in its order, and the sink is told of each") {
  append("a", 1);
  append("a", 2);
  queue::store_work read;
  read.tag = 3;
  read.wanted = {2};
  work("a", std::move(read));
  REQUIRE(sink.wait_for<queue_work_done>(3));
  auto done = sink.received<queue_work_done>();
  for (uint64_t i = 0; i < 3; ++i) CHECK(done[i].answer->tag == i + 1);
  REQUIRE(done[2].answer->read.size() == 1);
  CHECK(done[2].answer->read[0].content.has_value());
}

TEST_CASE_METHOD(store_fixture, "what was written is synced after the interval") {
  start(1ms);
  append("a", 1);
  CHECK(store->wait_for_sync());
}

TEST_CASE_METHOD(store_fixture, "what was written is synced when the store ends") {
  append("a", 1);
  auto ended = system.watch(actor);
  act::stop(actor);
  REQUIRE(ended.wait());
  CHECK(store->wait_for_sync());
}

TEST_CASE_METHOD(store_fixture, "queues are listed but for those that are not asked for, and dropped") {
  append("a", 1);
  append("b", 1);
  append("b", 2);
  auto found = system.ask<stored_queues>(actor, get_queues{{"a"}});
  CAPTURE(found.queues.at(0).name, found.queues.back().name);
  REQUIRE(found.queues.size() == 1);
  CHECK(found.queues[0].name == "b");
  CHECK(found.queues[0].blocks == 2);
  CHECK(found.queues[0].samples == 6);
  CHECK(found.queues[0].newest_created == 1000);
  act::tell(actor, drop_queue{"b"});
  CHECK(system.ask<stored_queues>(actor, get_queues{{"a"}}).queues.empty());
}

TEST_CASE_METHOD(store_fixture, "a thread that fails ends the store with its words") {
  auto ended = system.watch(actor);
  queue::store_work read;
  read.wanted = {1};
  work("cursed", std::move(read));
  REQUIRE(ended.wait());
  CHECK(ended.error().find("cursed") != std::string::npos);
}

}  // namespace rollcall
