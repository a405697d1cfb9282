#include "lib/targets/schedule.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <set>

using namespace rollcall;

TEST_CASE("the seed is FNV-1a of host name and external labels") {
  CHECK(offset_seed("", labels()) != 0);
  CHECK(offset_seed("{", labels()) != offset_seed("", labels()));
  // FNV-1a of "a{}", by its definition: offset basis, then xor and multiply per byte.
  uint64_t expected = 0xcbf29ce484222325u;
  for (char c : std::string("a{x=\"1\"}")) expected = (expected ^ static_cast<unsigned char>(c)) * 1099511628211u;
  CHECK(offset_seed("a", labels::of({{"x", "1"}})) == expected);
}

TEST_CASE("a phase lies within the interval, in steps of 5 ms") {
  std::mt19937_64 random(3);
  for (int i = 0; i < 2000; ++i) {
    milliseconds interval(1 + random() % 120'000);
    auto at = phase(random(), random(), interval);
    REQUIRE(at.count() >= 0);
    REQUIRE(at < interval);
    if (interval >= milliseconds(100)) REQUIRE(at.count() % 5 == 0);
  }
}

TEST_CASE("short intervals are spread to the millisecond") {
  std::set<int64_t> seen;
  for (uint64_t identity = 0; identity < 1000; ++identity) seen.insert(phase(identity, 0, milliseconds(50)).count());
  CHECK(seen.size() == 50);
}

TEST_CASE("phases of many targets fill the interval evenly") {
  std::mt19937_64 random(5);
  std::vector<int> buckets(10);
  for (int i = 0; i < 10'000; ++i)
    ++buckets[static_cast<size_t>(phase(random(), 42, milliseconds(15'000)).count() / 1500)];
  for (int count : buckets) CHECK((count > 800 && count < 1200));
}

TEST_CASE("a phase follows from identity, seed and interval alone") {
  CHECK(phase(12345, 678, milliseconds(15'000)) == phase(12345, 678, milliseconds(15'000)));
  CHECK(phase(12345, 678, milliseconds(15'000)) == phase(12345 ^ 678, 0, milliseconds(15'000)));
  CHECK(phase(7003, 0, milliseconds(15'000)) == milliseconds(7000));
  CHECK_THROWS(phase(1, 1, milliseconds(0)));
}

TEST_CASE("the next time due is the first after now") {
  auto next = [](int64_t now, int64_t interval, int64_t phase) {
    return next_due(milliseconds(now), milliseconds(interval), milliseconds(phase)).count();
  };
  CHECK(next(0, 1000, 0) == 1000);
  CHECK(next(0, 1000, 250) == 250);
  CHECK(next(249, 1000, 250) == 250);
  CHECK(next(250, 1000, 250) == 1250);
  CHECK(next(251, 1000, 250) == 1250);
  CHECK(next(-1, 1000, 0) == 0);
  CHECK(next(-750, 1000, 250) == 250);
  CHECK(next(1'790'000'000'000, 15'000, 14'995) == 1'790'000'009'995);
  CHECK_THROWS(next(0, 0, 0));
}

TEST_CASE("times due are a multiple of the interval plus the phase, and none is skipped") {
  std::mt19937_64 random(9);
  for (int i = 0; i < 2000; ++i) {
    milliseconds interval(1 + random() % 100'000);
    auto offset = phase(random(), random(), interval);
    milliseconds now(static_cast<int64_t>(random() % 4'000'000'000'000));
    auto due = next_due(now, interval, offset);
    REQUIRE(due > now);
    REQUIRE(due - interval <= now);
    REQUIRE((due - offset).count() % interval.count() == 0);
    REQUIRE(next_due(due, interval, offset) == due + interval);
  }
}

TEST_CASE("a scrape that is nearly on time carries the ideal time") {
  auto stamp = [](int64_t lateness, int64_t interval, int64_t tolerance, timestamp_adjustment adjustment) {
    return sample_timestamp(milliseconds(100'000), milliseconds(100'000 + lateness), milliseconds(interval),
                            milliseconds(tolerance), adjustment)
        .count();
  };
  CHECK(stamp(0, 15'000, 2, timestamp_adjustment::on) == 100'000);
  CHECK(stamp(2, 15'000, 2, timestamp_adjustment::on) == 100'000);
  CHECK(stamp(3, 15'000, 2, timestamp_adjustment::on) == 100'003);
  CHECK(stamp(2, 15'000, 2, timestamp_adjustment::off) == 100'002);
  CHECK(stamp(-2, 15'000, 2, timestamp_adjustment::on) == 100'000);
  CHECK(stamp(-3, 15'000, 2, timestamp_adjustment::on) == 99'997);
  CHECK(stamp(149, 15'000, 1000, timestamp_adjustment::on) == 100'000);  // one percent of the interval bounds it
  CHECK(stamp(151, 15'000, 1000, timestamp_adjustment::on) == 100'151);
  CHECK(stamp(1, 50, 2, timestamp_adjustment::on) == 100'001);
}
