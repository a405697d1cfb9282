#include "lib/targets/backoff.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace rollcall;
using namespace std::chrono_literals;

TEST_CASE("without luck the delays double up to the maximum") {
  backoff subject({100ms, 1000ms, 2, 0.5});
  for (auto expected : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) CHECK(subject.next(0) == expected);
}

TEST_CASE("chance takes off up to the share given") {
  backoff subject({100ms, 1000ms, 2, 0.5});
  CHECK(subject.next(0.5) == 75ms);
  CHECK(subject.next(0.999) == 100ms);
  backoff steady({100ms, 1000ms, 3, 0});
  CHECK(steady.next(0.9) == 100ms);
  CHECK(steady.next(0.1) == 300ms);
}

TEST_CASE("delays stay within their bounds for any luck") {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> unit(0, 1);
  backoff subject({50ms, 5000ms, 1.7, 0.4});
  double due = 50;
  for (int i = 0; i < 200; ++i) {
    auto delay = subject.next(unit(random));
    REQUIRE(delay <= 5000ms);
    REQUIRE(delay.count() >= static_cast<int64_t>(due * 0.6) - 1);
    due = std::min(due * 1.7, 5000.0);
  }
}

TEST_CASE("a success starts over") {
  backoff subject({100ms, 1000ms, 2, 0.5});
  subject.next(0);
  subject.next(0);
  subject.reset();
  CHECK(subject.next(0) == 100ms);
}

TEST_CASE("an initial delay above the maximum is cut") {
  backoff subject({5s, 1s, 2, 0.5});
  CHECK(subject.next(0) == 1s);
  subject.reset();
  CHECK(subject.next(0) == 1s);
}

TEST_CASE("options that make no sense are a bug") {
  CHECK_THROWS(backoff({100ms, 1s, 0.5, 0.5}));
  CHECK_THROWS(backoff({100ms, 1s, 2, 1.5}));
  CHECK_THROWS(backoff({100ms, 1s, 2, -0.1}));
}
