#include "lib/queue/block_store.hpp"

#include "lib/queue/rocksdb_store.hpp"
#include "lib/queue/set_aside.hpp"
#include "tests/fakes/memory_store.hpp"
#include "tests/lib/queue/made_block.hpp"
#include "tests/support/scratch_directory.hpp"

#include <catch2/catch.hpp>

/// What holds for every store, the fake as well as the real one.
namespace rollcall::queue {

namespace {

using test::made_block;
using test::shared;

struct memory_maker {
  block_store_ptr store = std::make_shared<test::memory_store>();
};

struct rocksdb_maker {
  test::scratch_directory directory;
  block_store_ptr store = *open_rocksdb_store({.directory = directory.path()});
};

void append(block_store& store, const std::string& queue, std::vector<block> blocks) {
  std::vector<block_ptr> all;
  for (auto& each : blocks) all.push_back(test::shared(std::move(each)));
  REQUIRE(store.change(queue, {.appended = std::move(all)}));
}

std::vector<uint64_t> sequences(block_store& store, const std::string& queue) {
  std::vector<uint64_t> found;
  auto contents = store.contents(queue);
  REQUIRE(contents);
  for (const auto& each : contents->blocks) found.push_back(each.sequence);
  return found;
}

using numbers = std::vector<uint64_t>;

}  // namespace

TEMPLATE_TEST_CASE("what was appended is listed in order and read as it was", "", memory_maker, rocksdb_maker) {
  TestType made;
  append(*made.store, "a", {made_block(1, "one"), made_block(300, "three hundred")});
  append(*made.store, "a", {made_block(2, std::string("t\0o", 3))});
  CHECK(sequences(*made.store, "a") == numbers{1, 2, 300});
  auto contents = *made.store->contents("a");
  CHECK(contents.blocks[1] == summary_of(made_block(2, "two")));
  auto read = made.store->read("a", 2).content;
  REQUIRE(read);
  CHECK(*read->request.body == std::string("t\0o", 3));
  CHECK(made.store->read("a", 3).content.error().code == errc::not_found);
  CHECK(made.store->read("b", 1).content.error().code == errc::not_found);
}

TEMPLATE_TEST_CASE("queues know nothing of each other", "", memory_maker, rocksdb_maker) {
  TestType made;
  append(*made.store, "a", {made_block(1)});
  append(*made.store, "b/\n\xc3\xa4", {made_block(1), made_block(2)});
  CHECK(*made.store->queues() == std::vector<std::string>{"a", "b/\n\xc3\xa4"});
  REQUIRE(made.store->change("a", {.erased = {1, 2}}));
  CHECK(sequences(*made.store, "a").empty());
  CHECK(sequences(*made.store, "b/\n\xc3\xa4") == numbers{1, 2});
  REQUIRE(made.store->drop("b/\n\xc3\xa4"));
  CHECK(*made.store->queues() == std::vector<std::string>{"a"});
}

TEMPLATE_TEST_CASE("one change erases some and appends others", "", memory_maker, rocksdb_maker) {
  TestType made;
  append(*made.store, "a", {made_block(1), made_block(2), made_block(3)});
  REQUIRE(made.store->change("a", {.appended = {shared(made_block(4))}, .erased = {1, 3, 77}}));
  CHECK(sequences(*made.store, "a") == numbers{2, 4});
  CHECK(made.store->read("a", 1).content.error().code == errc::not_found);
}

TEMPLATE_TEST_CASE("what is set aside keeps its bytes and gets a reason", "", memory_maker, rocksdb_maker) {
  TestType made;
  append(*made.store, "a", {made_block(1), made_block(2, "poison")});
  REQUIRE(made.store->change("a", {.set_aside = {{2, 5000, "not like this"}, {99, 5000, "is not there"}}}));
  CHECK(sequences(*made.store, "a") == numbers{1});
  CHECK(made.store->read("a", 2).content.error().code == errc::not_found);
  auto aside = made.store->contents("a")->set_aside;
  CHECK(aside == std::vector{set_aside_block{2, 5000, encode(made_block(2, "poison")).size(), "not like this"}});
  auto read = made.store->read_set_aside("a", 2).content;
  REQUIRE(read);
  CHECK(*read->request.body == "poison");
  REQUIRE(made.store->change("a", {.appended = {shared(made_block(3, "poison"))}, .set_aside_erased = {2}}));
  CHECK(made.store->contents("a")->set_aside.empty());
  CHECK(made.store->read_set_aside("a", 2).content.error().code == errc::not_found);
}

TEMPLATE_TEST_CASE("what is set aside can be released or discarded without a daemon", "", memory_maker, rocksdb_maker) {
  TestType made;
  append(*made.store, "a", {made_block(1), made_block(2, "poison"), made_block(7, "more poison")});
  REQUIRE(made.store->change("a", {.set_aside = {{2, 5000, "no"}, {7, 5000, "no"}}}));
  CHECK(release_set_aside(*made.store, "a", 1).error().code == errc::not_found);
  REQUIRE(release_set_aside(*made.store, "a", 2));
  CHECK(sequences(*made.store, "a") == numbers{1, 8});
  CHECK(*made.store->read("a", 8).content->request.body == "poison");
  CHECK(discard_set_aside(*made.store, "a", 2).error().code == errc::not_found);
  REQUIRE(discard_set_aside(*made.store, "a", 7));
  CHECK(made.store->contents("a")->set_aside.empty());
}

TEMPLATE_TEST_CASE("a store that is empty has nothing and can be synced", "", memory_maker, rocksdb_maker) {
  TestType made;
  CHECK(made.store->queues()->empty());
  CHECK(sequences(*made.store, "a").empty());
  CHECK(made.store->sync());
  CHECK(made.store->drop("a"));
}

}  // namespace rollcall::queue
