#include "lib/placement/shelves.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <set>

using namespace rollcall::placement;

TEST_CASE("finds a unit within a limit that is not much cheaper than can be had") {
  std::mt19937_64 random(5);
  unit_table units;
  cost_lists lists;
  std::multiset<cost> expenses;
  for (uint64_t i = 0; i < 2'000; ++i) {
    auto expense = static_cast<cost>(1 + random() % (uint64_t(1) << (random() % 32)));
    lists.insert(units, units.add(i, 0, expense));
    expenses.insert(expense);
  }
  for (int i = 0; i < 2'000; ++i) {
    uint64_t limit = random() % (uint64_t(1) << (random() % 34));
    auto found = lists.dearest_within(units, limit);
    bool any = *expenses.begin() <= limit;
    REQUIRE((found != no_unit) == any);
    if (!any) continue;
    auto best = *std::prev(expenses.upper_bound(static_cast<cost>(std::min<uint64_t>(limit, UINT32_MAX))));
    REQUIRE(units.at(found).expense <= limit);
    // The classes are a quarter of a doubling wide; the one of the limit may be passed over.
    REQUIRE(units.at(found).expense * 2.0 >= best);
  }
}

TEST_CASE("what is taken out or repriced leaves sums and lists as if it had come that way") {
  std::mt19937_64 random(6);
  unit_table units;
  shelves held;
  std::vector<unit_slot> here;
  uint64_t identities = 0;
  for (int step = 0; step < 20'000; ++step) {
    auto action = random() % 3;
    if (action == 0 || here.empty()) {
      auto slot = units.add(++identities, 0, static_cast<cost>(1 + random() % 1'000));
      units.at(slot).shelf = static_cast<uint32_t>(random() % 4);
      units.at(slot).moving = random() % 4 == 0;
      held.insert(units, slot);
      here.push_back(slot);
    } else if (action == 1) {
      auto at = random() % here.size();
      held.erase(units, here[at]);
      units.remove(units.at(here[at]).key);
      here.erase(here.begin() + static_cast<std::ptrdiff_t>(at));
    } else {
      held.reprice(units, here[random() % here.size()], static_cast<cost>(1 + random() % 1'000));
    }
    if (step % 200 != 0) continue;
    uint64_t expense = 0;
    for (auto slot : here) expense += units.at(slot).expense;
    std::set<unit_slot> visited;
    held.visit([&](unit_slot slot) { visited.insert(slot); });
    REQUIRE(held.expense() == expense);
    REQUIRE(held.targets() == here.size());
    REQUIRE(visited == std::set(here.begin(), here.end()));
    for (const auto& [number, lists] : held.resting()) REQUIRE_FALSE(lists.empty());
  }
}
