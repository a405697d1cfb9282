#include "bench/sink/delivery_ledger.hpp"

#include <catch2/catch.hpp>

namespace rollcall::bench {
namespace {

using namespace std::chrono_literals;

constexpr int64_t interval = 10'000;

struct ledger_fixture {
  delivery_ledger ledger{10s, 1000};

  void deliver(std::vector<observed_sample> samples, uint64_t wire_bytes = 0) {
    observed_request request;
    request.samples = std::move(samples);
    ledger.accept(request, wire_bytes);
  }

  void deliver_at(std::initializer_list<int64_t> timestamps, uint64_t series = 1) {
    for (int64_t timestamp : timestamps) deliver({{series, timestamp, false, false}});
  }
};

TEST_CASE_METHOD(ledger_fixture, "counts targets' and agent's samples and their staleness markers apart") {
  deliver({{1, 0, false, false}, {2, 0, false, false}, {3, 0, false, true}}, 100);
  deliver({{1, interval, true, false}, {3, interval, true, true}}, 50);
  const auto& total = ledger.total();
  CHECK(total.requests == 2);
  CHECK(total.wire_bytes == 150);
  CHECK(total.payload_samples == 2);
  CHECK(total.report_samples == 1);
  CHECK(total.stale_markers == 1);
  CHECK(total.report_stale_markers == 1);
  CHECK(ledger.series() == 3);
}

TEST_CASE_METHOD(ledger_fixture,
                 "finds nothing wrong with a regular series that jitters by less than half an interval") {
  deliver_at({0, 10'000, 24'999, 30'001, 45'001});
  CHECK(ledger.total().gaps == 0);
  CHECK(ledger.total().duplicates == 0);
  CHECK(ledger.total().out_of_order == 0);
}

TEST_CASE_METHOD(ledger_fixture, "finds a gap beyond one and a half intervals and says how many samples it swallowed") {
  struct {
    int64_t distance;
    uint64_t gaps;
    uint64_t intervals;
  } cases[] = {{15'000, 0, 0}, {15'001, 1, 1}, {20'000, 1, 1}, {24'999, 1, 1}, {30'000, 1, 2}, {100'000, 1, 9}};
  for (const auto& each : cases) {
    ledger_fixture fresh;
    fresh.deliver_at({0, each.distance});
    INFO("distance " << each.distance);
    CHECK(fresh.ledger.total().gaps == each.gaps);
    CHECK(fresh.ledger.total().gap_intervals == each.intervals);
  }
}

TEST_CASE_METHOD(ledger_fixture, "takes no pause after a staleness marker for a gap") {
  deliver({{1, 0, false, false}});
  deliver({{1, interval, true, false}});
  deliver({{1, 50 * interval, false, false}});
  CHECK(ledger.total().gaps == 0);
}

TEST_CASE_METHOD(ledger_fixture, "tells a duplicate from a sample out of order and lets neither move the series") {
  deliver_at({10'000, 10'000, 5'000, 20'000});
  CHECK(ledger.total().duplicates == 1);
  CHECK(ledger.total().out_of_order == 1);
  CHECK(ledger.total().gaps == 0);
}

TEST_CASE_METHOD(ledger_fixture, "checks each series on its own") {
  deliver({{1, 0, false, false}, {2, 5'000, false, false}});
  deliver({{2, 15'000, false, false}, {1, 10'000, false, false}});
  CHECK(ledger.total().out_of_order == 0);
  CHECK(ledger.total().gaps == 0);
}

TEST_CASE_METHOD(ledger_fixture, "keeps the series over a reset, so a gap across its edge is seen") {
  deliver_at({0, 10'000});
  ledger.reset();
  CHECK(ledger.window() == delivery_counts{});
  deliver_at({40'000});
  CHECK(ledger.window().gaps == 1);
  CHECK(ledger.window().payload_samples == 1);
  CHECK(ledger.total().payload_samples == 3);
}

TEST_CASE_METHOD(ledger_fixture, "counts a silent series until it comes back or is marked stale") {
  deliver({{1, 0, false, false}, {2, 0, false, false}, {3, 0, false, false}});
  deliver({{1, interval, false, false}, {2, interval, true, false}});
  CHECK(ledger.series_silent() == 0);
  deliver_at({2 * interval});
  CHECK(ledger.series_silent() == 1);
  deliver_at({2 * interval}, 3);
  CHECK(ledger.series_silent() == 0);
}

TEST_CASE_METHOD(ledger_fixture, "counts refused requests apart") {
  ledger.refuse(70);
  CHECK(ledger.total().requests == 1);
  CHECK(ledger.total().requests_refused == 1);
  CHECK(ledger.total().wire_bytes == 70);
}

TEST_CASE("counts, but does not follow, series beyond the bound") {
  delivery_ledger ledger(10s, 2);
  observed_request request;
  for (uint64_t series = 1; series <= 3; ++series) request.samples.push_back({series, 0, false, false});
  ledger.accept(request, 0);
  ledger.accept(request, 0);
  CHECK(ledger.series() == 2);
  CHECK(ledger.total().series_untracked == 2);
  CHECK(ledger.total().duplicates == 2);
  CHECK(ledger.total().payload_samples == 6);
}

TEST_CASE("the series table finds every one of many series again, also the one with hash 0") {
  series_table table(100'000);
  for (uint64_t i = 0; i < 50'000; ++i) table.find_or_add(i * 0x10001)->last = static_cast<int64_t>(i);
  REQUIRE(table.size() == 50'000);
  for (uint64_t i = 0; i < 50'000; ++i) REQUIRE(table.find_or_add(i * 0x10001)->last == static_cast<int64_t>(i));
  CHECK(table.size() == 50'000);
  size_t visited = 0;
  table.for_each([&](const series_entry&) { ++visited; });
  CHECK(visited == 50'000);
}

}  // namespace
}  // namespace rollcall::bench
