#include "bench/fleet/scrape_ledger.hpp"

#include <catch2/catch.hpp>

namespace rollcall::bench {
namespace {

using namespace std::chrono_literals;

struct ledger_fixture {
  const scrape_time start{1h};
  scrape_ledger ledger{2, 10s, start};

  void scrape(std::initializer_list<std::chrono::nanoseconds> times, size_t target = 0) {
    for (auto time : times) REQUIRE(ledger.record(target, start + time));
  }

  target_scrapes first(std::chrono::nanoseconds now) const { return ledger.by_target(start + now)[0]; }
};

TEST_CASE_METHOD(ledger_fixture, "finds nothing wrong with scrapes that are late by less than half an interval") {
  scrape({3s, 17900ms, 18100ms + 5s, 37900ms});
  auto counts = first(40s);
  CHECK(counts.scrapes == 4);
  CHECK(counts.missed == 0);
  CHECK(counts.doubled == 0);
  CHECK(counts.gap_max == 14900ms);
}

TEST_CASE_METHOD(ledger_fixture, "counts slots that passed without a scrape") {
  scrape({0s, 10s, 40s});
  CHECK(first(41s).missed == 2);
  CHECK(first(41s).gap_max == 30s);
}

TEST_CASE_METHOD(ledger_fixture, "counts a second scrape of a slot as a double one and no later slot as missed") {
  scrape({0s, 10s, 11s, 20s});
  CHECK(first(21s).doubled == 1);
  CHECK(first(21s).missed == 0);
}

TEST_CASE_METHOD(ledger_fixture, "does not let late scrapes move the slots") {
  // Each is four seconds later than the one before; the third falls into the slot after the one that was due.
  scrape({0s, 14s, 28s, 42s});
  auto counts = first(42s);
  CHECK(counts.missed == 1);
  CHECK(counts.doubled == 0);
}

TEST_CASE_METHOD(ledger_fixture, "counts what is overdue when asked, but only slots that are over") {
  scrape({0s});
  CHECK(first(14900ms).missed == 0);
  CHECK(first(15100ms).missed == 1);
  CHECK(first(34900ms).missed == 2);
  CHECK(first(34900ms).gap_max == 34900ms);
}

TEST_CASE_METHOD(ledger_fixture, "counts the slots of a target that nobody scrapes") {
  scrape({1s}, 1);
  CHECK(first(14900ms).missed == 0);
  CHECK(first(15100ms).missed == 1);
  CHECK(first(25100ms).missed == 2);
  auto totals = ledger.totals(start + 15100ms);
  CHECK(totals.targets_unscraped == 1);
  CHECK(totals.targets_unscraped_total == 1);
  CHECK(totals.sum.gap_max == 15100ms);
}

TEST_CASE_METHOD(ledger_fixture, "lets a late first scrape answer for the slots before it") {
  scrape({27s});
  CHECK(first(28s).missed == 2);
  CHECK(first(28s).scrapes == 1);
}

TEST_CASE_METHOD(ledger_fixture, "begins a new window at the last scrape, so that its edge is no fault") {
  scrape({0s, 10s, 11s, 40s});
  ledger.reset(start + 41s);
  scrape({51s});
  auto counts = first(52s);
  CHECK(counts.scrapes == 1);
  CHECK(counts.missed == 0);
  CHECK(counts.doubled == 0);
  CHECK(counts.gap_max == 11s);
  CHECK(ledger.totals(start + 52s).scrapes_total == 5);
}

TEST_CASE_METHOD(ledger_fixture, "sees a slot that is missed at the edge of a window") {
  scrape({0s, 10s});
  ledger.reset(start + 12s);
  scrape({30s});
  CHECK(first(31s).missed == 1);
}

TEST_CASE_METHOD(ledger_fixture, "numbers a target's scrapes through all windows") {
  CHECK(ledger.record(0, start) == 0u);
  CHECK(ledger.record(1, start) == 0u);
  CHECK(ledger.record(0, start + 10s) == 1u);
  ledger.reset(start + 11s);
  CHECK(ledger.record(0, start + 20s) == 2u);
}

TEST_CASE_METHOD(ledger_fixture, "refuses and does not count scrapes once it is paused") {
  scrape({0s});
  ledger.pause();
  CHECK_FALSE(ledger.record(0, start + 10s));
  CHECK(ledger.totals(start + 10s).scrapes_total == 1);
}

TEST_CASE_METHOD(ledger_fixture, "sums over all targets") {
  scrape({0s, 30s}, 0);
  scrape({5s, 6s, 16s, 26s}, 1);
  auto totals = ledger.totals(start + 30s);
  CHECK(totals.length == 30s);
  CHECK(totals.sum.scrapes == 6);
  CHECK(totals.sum.missed == 2);
  CHECK(totals.sum.doubled == 1);
  CHECK(totals.sum.gap_max == 30s);
  CHECK(totals.targets_unscraped == 0);
}

}  // namespace
}  // namespace rollcall::bench
