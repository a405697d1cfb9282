#include "lib/placement/unit_table.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <random>

using namespace rollcall::placement;

TEST_CASE("a target of its own is a unit that its identity finds") {
  unit_table units;
  CHECK(units.find(7) == no_unit);

  auto slot = units.add(7, 0, 100);
  CHECK(units.find(7) == slot);
  CHECK(units.at(slot).key == 7);
  CHECK(units.at(slot).expense == 100);
  CHECK(std::vector(units.targets(slot).begin(), units.targets(slot).end()) == std::vector<uint64_t>{7});

  CHECK(units.remove(7) == no_unit);
  CHECK(units.find(7) == no_unit);
  CHECK(units.add(8, 0, 1) == slot);
}

TEST_CASE("targets that are kept together are one unit, which costs what they cost together") {
  unit_table units;
  auto slot = units.add(1, 99, 100);
  CHECK(units.add(2, 99, 50) == slot);
  CHECK(units.find(1) == slot);
  CHECK(units.find(2) == slot);
  CHECK(units.find(99) == no_unit);
  CHECK(units.find_group(99) == slot);
  CHECK(units.at(slot).expense == 150);
  CHECK(units.targets(slot).size() == 2);

  CHECK(units.note(2, 70) == 170);
  CHECK(units.expense(2) == 70);
  CHECK(units.is_measured(2));
  CHECK_FALSE(units.is_measured(1));

  CHECK(units.remove(1) == slot);
  CHECK(units.at(slot).expense == 70);
  CHECK(units.remove(2) == no_unit);
  CHECK(units.find_group(99) == no_unit);
}

TEST_CASE("a group may have the key of a target") {
  unit_table units;
  auto target = units.add(5, 0, 1);
  auto group = units.add(6, 5, 1);
  CHECK(target != group);
  CHECK(units.find(5) == target);
  CHECK(units.find_group(5) == group);
}

TEST_CASE("identities find their units through any sequence of additions and removals") {
  std::mt19937_64 random(11);
  unit_table units;
  std::map<uint64_t, unit_slot> expected;
  for (int step = 0; step < 20'000; ++step) {
    // Few and near each other, so that they meet in the index.
    uint64_t identity = random() % 600;
    auto known = expected.find(identity);
    if (known == expected.end()) {
      expected[identity] = units.add(identity, 0, 1);
    } else {
      units.remove(identity);
      expected.erase(known);
    }
    if (step % 500 != 0) continue;
    for (uint64_t each = 0; each < 600; ++each) {
      auto wanted = expected.find(each);
      REQUIRE(units.find(each) == (wanted == expected.end() ? no_unit : wanted->second));
    }
  }
}
