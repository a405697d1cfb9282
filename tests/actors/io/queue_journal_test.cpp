#include "actors/io/queue_journal.hpp"

#include "tests/fakes/memory_store.hpp"
#include "tests/lib/queue/made_block.hpp"
#include "tests/support/actor_system.hpp"
#include "tests/support/scratch_directory.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

namespace rollcall {

namespace {

using numbers = std::vector<uint64_t>;

struct journal_fixture {
  void note(queue::journal_note what) {
    act::tell(actor, queue_note{"a", std::make_shared<const queue::journal_note>(std::move(what))});
  }
  void note_added(uint64_t sequence) { note({.added = {test::shared(test::made_block(sequence))}}); }
  // What the next process finds.
  numbers noted() {
    system.wait_for_handled(actor);
    test::memory_store store;
    REQUIRE(queue::journal(options).recover(store));
    return store.sequences("a");
  }

  test::scratch_directory directory;
  queue::journal_options options{.directory = directory.path() + "/journal"};
  test::threaded_system system;
  queue_journal_actor actor =
      system.adopt(spawn_queue_journal(system.system(), std::make_shared<queue::journal>(options)));
};

}  // namespace

TEST_CASE_METHOD(journal_fixture, "what is noted is there for the next process, as far as it is not finished") {
  for (uint64_t sequence : {1, 2, 3}) note_added(sequence);
  note({.finished = {2}});
  CHECK(noted() == numbers{1, 3});
}

TEST_CASE_METHOD(journal_fixture, "a journal that could not be written is written again when it can be") {
  std::ofstream(options.directory) << "in the way";
  note_added(1);
  note_added(2);
  system.wait_for_handled(actor);
  std::filesystem::remove(options.directory);
  note_added(3);
  CHECK(noted() == numbers{3});
}

TEST_CASE_METHOD(journal_fixture, "a journal that is full says so, and has what it took before") {
  options.bytes_max = 1'000;
  actor = system.adopt(spawn_queue_journal(system.system(), std::make_shared<queue::journal>(options)));
  note_added(1);
  note({.added = {test::shared(test::made_block(2, std::string(1'000, 'x')))}});
  note_added(3);
  CHECK(noted() == numbers{1, 3});
}

}  // namespace rollcall
