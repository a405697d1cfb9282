#include "lib/placement/cost.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace rollcall::placement;
using namespace std::chrono_literals;

TEST_CASE("a target costs what its scrapes cost, per second") {
  cost_model model{100us, 500, 2, 0.001};

  CHECK(cost_of({1'000, 100'000, 10ms}, 1s, model) == 100'000 + 500'000 + 200'000 + 10'000);
  CHECK(cost_of({1'000, 100'000, 10ms}, 10s, model) == 81'000);
}

TEST_CASE("costs are between one and what fits") {
  CHECK(cost_of({}, 24h, {0us, 0, 0, 0}) == 1);
  CHECK(cost_of({UINT64_MAX, UINT64_MAX, 24h}, 1ms, {}) == UINT32_MAX);
}

TEST_CASE("an average goes towards the newest value and stays there") {
  CHECK(averaged(1'000, 2'000, 0.25) == 1'250);
  CHECK(averaged(1'000, 2'000, 1) == 2'000);
  CHECK(averaged(7, 7, 0.25) == 7);
  CHECK(averaged(1, 0, 0.25) == 1);

  cost average = 1'000'000;
  for (int i = 0; i < 100; ++i) average = averaged(average, 10, 0.25);
  CHECK(average <= 12);
}
