#include "lib/queue/recent_changes.hpp"

#include "tests/lib/queue/made_block.hpp"

#include <catch2/catch.hpp>

namespace rollcall::queue {

namespace {

using test::made_block;
using test::shared;

constexpr uint64_t log_block_bytes = 1000;

// What is to be repeated: a sequence, negative when it is the end of a block.
std::vector<int64_t> repeated(const recent_changes& recent) {
  std::vector<int64_t> all;
  for (const auto& [sequence, fate] : recent.to_repeat()) {
    auto number = static_cast<int64_t>(sequence);
    all.push_back(fate.appended ? number : -number);
    if (fate.appended) CHECK(*fate.appended == summary_of(made_block(sequence)));
  }
  return all;
}

using numbers = std::vector<int64_t>;

}  // namespace

TEST_CASE("a change is repeated until a record that says it again begins in another block of the log") {
  recent_changes recent(log_block_bytes);
  recent.wrote({.appended = {shared(made_block(1)), shared(made_block(2))}}, 100);
  CHECK(repeated(recent) == numbers{1, 2});
  recent.wrote({.appended = {shared(made_block(3))}}, 999);
  CHECK(repeated(recent) == numbers{1, 2, 3});
  recent.wrote({.erased = {9}}, 1);
  // The next record begins 1000 bytes behind the first, and is the last to say this.
  CHECK(repeated(recent) == numbers{1, 2, 3, -9});
  recent.wrote({}, 10);
  CHECK(repeated(recent) == numbers{3, -9});
}

TEST_CASE("what is repeated of a block is its end once it has one, and its begin when it is used again") {
  recent_changes recent(log_block_bytes);
  recent.wrote({.appended = {shared(made_block(1))}}, 10);
  recent.wrote({.erased = {1}}, 10);
  CHECK(repeated(recent) == numbers{-1});
  recent.wrote({.appended = {shared(made_block(1))}}, 10);
  CHECK(repeated(recent) == numbers{1});
}

TEST_CASE("of a block that was set aside nothing is repeated") {
  recent_changes recent(log_block_bytes);
  recent.wrote({.appended = {shared(made_block(1))}}, 10);
  recent.wrote({.set_aside = {{1, 0, "no"}}}, 10);
  CHECK(repeated(recent).empty());
}

}  // namespace rollcall::queue
