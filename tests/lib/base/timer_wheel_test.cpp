#include "lib/base/timer_wheel.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <random>

using rollcall::timer_wheel;

TEST_CASE("a wheel fires each key once, in order of time") {
  timer_wheel wheel;
  wheel.set(1, 1000);
  wheel.set(2, 990);
  wheel.set(3, 5000);
  CHECK(wheel.next_due() == 990);
  CHECK(wheel.take_due(989).empty());
  CHECK(wheel.take_due(1000) == std::vector<timer_wheel::fired>{{2, 990}, {1, 1000}});
  CHECK(wheel.take_due(1000).empty());
  CHECK(wheel.next_due() == 5000);
  CHECK(wheel.size() == 1);
}

TEST_CASE("a key that is set again fires only at its new time") {
  timer_wheel wheel;
  wheel.set(1, 1000);
  wheel.set(1, 3000);
  CHECK(wheel.take_due(2999).empty());
  CHECK(wheel.take_due(3000).size() == 1);
  wheel.set(1, 4000);
  wheel.remove(1);
  CHECK(wheel.take_due(9000).empty());
  CHECK_FALSE(wheel.next_due());
}

TEST_CASE("times beyond one turn of the wheel wait their turn") {
  timer_wheel wheel(5, 8);
  wheel.set(1, 1000);
  wheel.set(2, 1000 + 5 * 8 * 3);
  CHECK(wheel.take_due(1000).size() == 1);
  CHECK(wheel.take_due(1000 + 5 * 8).empty());
  CHECK(wheel.take_due(1000 + 5 * 8 * 2).empty());
  CHECK(wheel.take_due(1000 + 5 * 8 * 3).size() == 1);
}

TEST_CASE("a wheel behaves like a sorted map, whatever is set, removed and taken") {
  std::mt19937_64 random(42);
  for (int round = 0; round < 50; ++round) {
    timer_wheel wheel(5, 64);
    std::map<uint64_t, int64_t> expected;
    int64_t now = 1'000'000;
    for (int step = 0; step < 400; ++step) {
      uint64_t key = random() % 40;
      switch (random() % 4) {
        case 0:
        case 1: {
          int64_t due = now + static_cast<int64_t>(random() % 1000) - 20;
          wheel.set(key, due);
          expected[key] = due;
          break;
        }
        case 2:
          wheel.remove(key);
          expected.erase(key);
          break;
        default: {
          now += static_cast<int64_t>(random() % 200);
          auto next = wheel.next_due();
          REQUIRE(next.has_value() == !expected.empty());
          for (const auto& [which, due] : expected) REQUIRE(*next <= due);
          for (const auto& fired : wheel.take_due(now)) {
            REQUIRE(expected.at(fired.which) == fired.due);
            expected.erase(fired.which);
          }
          for (const auto& [which, due] : expected) REQUIRE(due > now);
        }
      }
    }
  }
}
