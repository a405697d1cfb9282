#include "lib/placement/move_budget.hpp"

#include <catch2/catch.hpp>

using namespace rollcall::placement;
using namespace std::chrono_literals;

TEST_CASE("a budget begins full and refills with time, but not beyond a minute's worth") {
  move_budget budget(60);
  budget.refill(1h);
  budget.take(60);
  CHECK(budget.is_empty());

  budget.refill(1h + 500ms);
  CHECK(budget.is_empty());
  budget.refill(1h + 1s);
  CHECK_FALSE(budget.is_empty());
  budget.take(1);
  CHECK(budget.is_empty());

  budget.refill(3h);
  budget.take(59);
  CHECK_FALSE(budget.is_empty());
  budget.take(1);
  CHECK(budget.is_empty());
}

TEST_CASE("what is taken beyond the budget has to be earned first") {
  move_budget budget(60);
  budget.refill(0s);
  budget.take(90);

  budget.refill(30s);
  CHECK(budget.is_empty());
  budget.refill(31s);
  CHECK_FALSE(budget.is_empty());
}

TEST_CASE("a clock that goes back gives nothing") {
  move_budget budget(60);
  budget.refill(10min);
  budget.take(60);
  budget.refill(1min);
  CHECK(budget.is_empty());
}
