#include "lib/cluster/copy_store.hpp"

#include <catch2/catch.hpp>

using namespace rollcall::cluster;

namespace {

constexpr size_t size_of_ten = 10 + copy_store::entry_bytes;

std::string ten(char of) { return std::string(10, of); }

}  // namespace

TEST_CASE("a newer copy replaces what was kept, and what is forgotten leaves room") {
  copy_store kept(2 * size_of_ten);
  kept.keep(1, ten('a'));
  kept.keep(1, ten('b'));
  CHECK(*kept.find(1) == ten('b'));
  CHECK(kept.bytes() == size_of_ten);
  kept.keep(2, ten('c'));
  CHECK(kept.targets() == 2);
  kept.forget(1);
  CHECK(kept.find(1) == nullptr);
  kept.keep(3, ten('d'));
  CHECK(kept.left_out() == 0);
}

TEST_CASE("what there is no room for is left out until there is") {
  copy_store kept(2 * size_of_ten);
  for (uint64_t key = 1; key <= 3; ++key) kept.keep(key, ten('a'));
  CHECK(kept.find(3) == nullptr);
  CHECK(kept.left_out() == 1);
  kept.forget(1);
  kept.keep(3, ten('b'));
  CHECK(*kept.find(3) == ten('b'));
  CHECK(kept.left_out() == 0);
}

TEST_CASE("an empty copy is one that is left out, and takes the place of what was known before") {
  copy_store kept(100 * size_of_ten);
  kept.keep(1, ten('a'));
  kept.keep(1, {});
  CHECK(kept.find(1) == nullptr);
  CHECK(kept.bytes() == 0);
  CHECK(kept.left_out() == 1);
  kept.forget(1);
  CHECK(kept.left_out() == 0);
}

TEST_CASE("a copy passes to a target that has none, and to no other") {
  copy_store kept(100 * size_of_ten);
  kept.keep(1, ten('a'));
  kept.pass(1, 2);
  CHECK(kept.find(1) == nullptr);
  CHECK(*kept.find(2) == ten('a'));
  kept.keep(3, ten('b'));
  kept.pass(3, 2);
  CHECK(*kept.find(2) == ten('a'));
  CHECK(kept.targets() == 1);
  kept.pass(2, 2);
  CHECK(*kept.find(2) == ten('a'));
  CHECK(kept.bytes() == size_of_ten);
}

TEST_CASE("without room for anything nothing is kept") {
  copy_store kept(0);
  CHECK_FALSE(kept.is_on());
  kept.keep(1, ten('a'));
  CHECK(kept.targets() == 0);
}
